"""A project as small as it can be: the real Snakefile and pipeline, with chapters that take no
time."""
import base64
import functools
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
import numpy as np
import onnx
import pandas as pd
import psutil
from conftest import ROOT
from onnx import TensorProto, helper
from safetensors.numpy import save_file

KERNEL = {"kernelspec": {"name": "python3", "language": "python", "display_name": "python3"}}
DATA = ("landmarks.json", "keypoints.json", "lexicon.yaml", "signers.yaml", "papers.yaml",
        "headline.yaml", "continuous.yaml")
PROFILE = """run: {run}
table: tables/procedural.parquet
chapters: {chapters}
"""
# what a chapter makes, as real files: the pipeline looks whether they are whole
MAKES = {
    "02_datasets": "tables/procedural.parquet",
    "03_extraction": "tables/clips.parquet",
    "05_training": "checkpoints/teacher/model.safetensors",
    "06_distillation": "checkpoints/student/model.safetensors",
    "08_onnx": "models/student_fp32.onnx models/student_int8.onnx models/student_int8.slr",
    "09_wasm_benchmark": "tables/web_predictions.parquet",
    "10_divergence": "tables/web_landmarks.parquet",
    "15_results": "index.html",
}
WORK = """
import time
from pathlib import Path
from slr_tiny.core import InputError, run_dir
from slr_tiny.results import write_result
if wait:  # two workers, as a chapter that trains has them
    from joblib import Parallel, delayed
    Parallel(2)(delayed(time.sleep)(wait) for _ in range(2))
if fail or Path(f"../block-{name}").exists():
    raise InputError("This chapter was told to fail;\\nask it not to.")
"""
MAKE = """
import base64
from slr_tiny.core import atomic_path
for name, content in makes.items():
    with atomic_path(run_dir(run) / name) as draft: draft.write_bytes(base64.b64decode(content))
"""

@functools.cache
def smallest(kind):
    """The smallest whole file of a kind, in base64: chapters write it without importing what could
    make it"""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"file.{kind}"
        if kind == "parquet": pd.DataFrame({"a": [1.]}).to_parquet(path)
        elif kind == "safetensors": save_file({"w": np.ones(3, np.float32)}, path)
        elif kind == "onnx":
            value = lambda name: helper.make_tensor_value_info(name, TensorProto.FLOAT, [1])
            graph = helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], "small",
                                      [value("x")], [value("y")])
            onnx.save(helper.make_model(graph), path)
        elif kind == "slr": path.write_bytes(b"\x89SLR\r\n\x1a\n\1\0\0\0" + bytes(4))
        else: path.write_text("<!doctype html>")
        return base64.b64encode(path.read_bytes()).decode()

def notebook(name):
    "A chapter that writes what it promises."
    told = f'run = "_run/alone"\nname = {name!r}\nwait = 0\nfail = False\nlarge = 1\nseeds = [0]\n'
    made = {path: smallest(path.rsplit(".", 1)[1]) for path in MAKES.get(name, "").split()}
    told += f"makes = {made!r}\n"
    told += {"02_datasets": 'data = "procedural"\n', "05_training": 'table = ""\nmore = []\n',
             "06_distillation": 'table = ""\nmore = []\n',
             "07_quantization": 'table = ""\n'}.get(name, "")
    cells = [nbformat.v4.new_code_cell(told, metadata={"tags": ["parameters"]}),
             nbformat.v4.new_code_cell(WORK)]
    if name in MAKES: cells.append(nbformat.v4.new_code_cell(MAKE))
    if name not in ("01_landmarks", "15_results"):
        cells.append(nbformat.v4.new_code_cell(f'write_result(run, "{name}", {{"large": large}})'))
    return nbformat.v4.new_notebook(metadata=KERNEL, cells=cells)

def small_project(folder):
    "Lay it out; its folder."
    folder = Path(folder)
    for name in ("nbs", "data", "params", "slr_tiny", "web_demo/dist"):
        (folder / name).mkdir(parents=True)
    for name in ("settings.ini", "Snakefile"): shutil.copy(ROOT / name, folder)
    for name in DATA: shutil.copy(ROOT / "data" / name, folder / "data")
    for name in ("core.py", "results.py"):
        shutil.copy(ROOT / "slr_tiny" / name, folder / "slr_tiny")
    (folder / "web_demo/dist/.ready").touch()
    for path in sorted((ROOT / "nbs").glob("[0-9][0-9]_*.ipynb")):
        if not path.name.startswith(("00_", "16_")):
            nbformat.write(notebook(path.stem), folder / "nbs" / path.name)
    (folder / "Makefile").write_text(recipe("reproduce"))
    profile(folder)
    return folder

def recipe(target):
    "A target of the real Makefile, without what it needs."
    text = (ROOT / "Makefile").read_text()
    lines = re.search(rf"^{target}:.*\n((?:\t.*\n)+)", text, re.M)[1]
    return (
        "SHELL := bash\nPROFILE ?= quick\nCORES ?= 2\nMINUTES ?=\nexport PROFILE CORES "
        f"MINUTES\n{target}:\n{lines}"
    )

def profile(folder, run="_run/quick", **chapters):
    "Write its profile quick; `chapters` are parameters by number, such as c04=dict(fail=True)."
    names = {path.stem[:2]: path.stem for path in (folder / "nbs").glob("*.ipynb")}
    told = json.dumps({names[key[1:]]: value for key, value in chapters.items()})
    (folder / "params/quick.yaml").write_text(PROFILE.format(run=json.dumps(run), chapters=told),
                                              encoding="utf-8")

def environment():
    "That of make: our Python first, our package from here."
    own = {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
           "PYTHONPATH": str(ROOT),
           "PYTHONWARNINGS": "ignore", "JUPYTER_PLATFORM_DIRS": "1"}
    return {key: value for key, value in os.environ.items()
            if key not in ("MPLBACKEND", "PROFILE")} | own

def start(folder, *more):
    "`make reproduce` in a session of its own, its output in a file."
    with open(folder / "said.txt", "wb") as said:
        return subprocess.Popen(["make", "reproduce", *more], cwd=folder, env=environment(),
                                stdout=said,
                                stderr=subprocess.STDOUT, start_new_session=True)

def reproduce(folder, *more, seconds=280):
    "`make reproduce` to its end: exit status and what it said."
    process = start(folder, *more)
    try: status = process.wait(seconds)
    finally:
        if process.poll() is None: process.terminate()
    return status, (folder / "said.txt").read_text(encoding="utf-8")

def living(folder):
    "All processes that work in a project's folder, by what they are."
    found = {}
    for process in psutil.process_iter():
        try:
            if process.status() == psutil.STATUS_ZOMBIE or not Path(process.cwd()).is_relative_to(
                folder
            ):
                continue
            command = " ".join(process.cmdline())
        except (psutil.Error, OSError): continue
        kinds = {"ipykernel_launcher": "kernel", "popen_loky": "worker",
                 "resource_tracker": "tracker",
                 "pipeline chapter": "chapter", "-m snakemake": "snakemake",
                 "pipeline reproduce": "pipeline", "make": "make"}
        kind = next((kind for text, kind in kinds.items() if text in command), command)
        found.setdefault(kind, []).append(process)
    return {kind: sorted(some, key=lambda process: process.create_time())
            for kind, some in found.items()}

def until(true, seconds=120):
    "Wait until a condition holds; False if it never does."
    end = time.monotonic() + seconds
    while not (held := true()) and time.monotonic() < end: time.sleep(.05)
    return bool(held)
