# The chapters as a graph. `make reproduce PROFILE=quick` runs it; the same command resumes after a kill.
# A chapter hands on its result file and artefacts; the executed notebook is its log, so that of a failed one
# stays to be read. A chapter runs again when its notebook, a module it imports, or a parameter of it changes.
# Sections (nbs/NNa_topic) build and test modules and measure nothing: `make test` runs them.
import json
import os
import re
from pathlib import Path

if not config:
    configfile: "params/quick.yaml"

RUN, TABLE, MORE = config["run"], config["table"], config.get("more") or []
# chapters with a parameter `table`, and those that compare on further ones too
TABLES = {
    "05_training": dict(table=TABLE, more=MORE),
    "06_distillation": dict(table=TABLE, more=MORE),
    "07_quantization": dict(table=TABLE),
    "09_wasm_benchmark": dict(table=TABLE),
    "11_production": dict(table=TABLE),
    "14_continuous": dict(table=TABLE, more=MORE),
}
CLIPS = "tables/clips.parquet"
STUDENT, TEACHER = (f"checkpoints/{name}/model.safetensors" for name in ("student", "teacher"))
FP32, INT8 = (f"models/student_{name}.onnx" for name in ("fp32", "int8"))
SLR = "models/student_int8.slr"

# chapter: (what it needs of the run, what it makes there beside results/<chapter>.json)
GRAPH = {
    "01_landmarks": ([], []),
    "02_datasets": ([], [TABLE, *MORE]),
    "03_extraction": ([TABLE], [CLIPS]),
    "04_spoter": ([TABLE], []),
    "05_training": ([TABLE, *MORE], [TEACHER]),
    "06_distillation": ([TABLE, *MORE, TEACHER], [STUDENT]),
    "07_quantization": ([TABLE, STUDENT], []),
    "08_onnx": ([CLIPS, STUDENT, TEACHER], [FP32, INT8, SLR]),
    "09_wasm_benchmark": ([CLIPS, TABLE, FP32, INT8, SLR], ["tables/web_predictions.parquet"]),
    "10_divergence": ([CLIPS, TABLE, *MORE, FP32], ["tables/web_landmarks.parquet"]),
    "11_production": ([CLIPS, TABLE, *MORE, SLR, INT8, "results/05_training.json"], []),
    "12_pruning": ([], []),
    "13_microcontroller": (["results/12_pruning.json"], []),
    "14_continuous": ([TABLE, *MORE], []),
}
SILENT = {"01_landmarks"}  # it measures nothing, but its figures belong to the run's page
RESULTS = [f"{RUN}/results/{name}.json" for name in GRAPH if name not in SILENT]


def modules(source, seen=frozenset()):
    """The modules of slr_tiny that a notebook or a module imports, directly or through others."""
    text, here, files = Path(source).read_text(), Path(source).parent, set()
    for dots, name, names in re.findall(r"from (slr_tiny\.?|\.+)([\w.]*) import (?:\(|([\w, ]+))", text):
        base = Path("slr_tiny") if dots.startswith("slr_tiny") else here.joinpath(*[".."] * (len(dots) - 1))
        path = base.joinpath(*filter(None, name.split(".")))
        leaves = (path / f"{part.split(' as ')[0].strip()}.py" for part in names.split(","))
        files |= {os.path.relpath(file) for file in (path.with_suffix(".py"), *leaves) if file.is_file()}
    files -= seen
    return sorted(files.union(*(modules(file, seen | files) for file in files)))


def parameters(name):
    """What a chapter's notebook is told: the run, the tables where it reads some, and what the profile says."""
    if name in SILENT: return {}
    return {"run": RUN, **TABLES.get(name, {}), **((config.get("chapters") or {}).get(name) or {})}


# All that chapters make is asked for, not the last page alone: where that exists (a run that failed writes it too),
# Snakemake would not look whether something before it is missing.
rule all:
    input:
        f"{RUN}/index.html",
        [f"{RUN}/executed/.{name}" for name in SILENT],
        RESULTS,
        [f"{RUN}/{made}" for _, makes in GRAPH.values() for made in makes],


for name, (needs, makes) in {**GRAPH, "15_results": ([], ["index.html"])}.items():
    rule:
        name: f"chapter_{name}"
        input:
            notebook=f"nbs/{name}.ipynb",
            modules=modules(f"nbs/{name}.ipynb"),
            data=["data/landmarks.json", "data/keypoints.json", "data/lexicon.yaml", "data/signers.yaml", *["data/continuous.yaml"] * (name == "14_continuous")] if name != "15_results" else ["data/headline.yaml", "data/papers.yaml"],
            needs=[f"{RUN}/{needed}" for needed in needs] + (RESULTS if name == "15_results" else []),
            pages=["web_demo/dist/.ready"] if "slr_tiny/web/browser.py" in modules(f"nbs/{name}.ipynb") else [],
        output:
            [f"{RUN}/{made}" for made in makes],
            touch(f"{RUN}/executed/.{name}") if name in SILENT | {"15_results"} else f"{RUN}/results/{name}.json",
        log: notebook=f"{RUN}/executed/{name}.ipynb"
        params:
            job=json.dumps({"notebook": f"nbs/{name}.ipynb", "run": RUN, "parameters": parameters(name)}),
        threads: workflow.cores
        priority: name == "02_datasets"  # what is missing on the disk is said before anything else runs
        shell: "exec python -m slr_tiny.pipeline chapter {params.job:q}"
