"""The files that describe the package agree, sdist and wheel hold what they must, the installed
wheel works without the extras, and nothing tracked is heavy or fetched from elsewhere."""
import ast
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from configparser import ConfigParser
from dataclasses import replace
from email.parser import Parser
from importlib.metadata import PackageNotFoundError, files, requires, version
from pathlib import Path
from urllib.request import urlopen

import numpy as np
import pytest
import yaml
from conftest import ROOT, tracked
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from slr_tiny.datasets.avatar import load_lexicon, load_signers, animate
from slr_tiny.datasets.rendering import render_clip
from slr_tiny.deploy.recognizer import export
from slr_tiny.failures import EXTRAS
from slr_tiny.models.spoter import SPOTER
from slr_tiny.parallel import BACKENDS
from slr_tiny.pose.tflite2onnx import NETWORKS

pytestmark = pytest.mark.long

IMPORTED_AS = {"pyyaml": "yaml", "beautifulsoup4": "bs4", "scikit-learn": "sklearn",
               "opencv-contrib-python": "cv2", "pillow": "PIL", "protobuf": "google"}
# and not asked for by name
BROUGHT_BY = {"jupyter_client": "papermill", "nbclient": "papermill"}
PARTS = {"": "requirements", **{extra: f"{extra}_requirements" for extra in EXTRAS}}
PAGES = ROOT / "web_demo/dist"

def plain(name): return re.sub(r"[-_.]+", "-", name).lower()

@pytest.fixture(scope="module")
def meta():
    config = ConfigParser()
    config.read(ROOT / "settings.ini")
    return config["DEFAULT"]

def required(meta, extra=""):
    "What the package asks for, plainly or for an extra"
    return [Requirement(text) for text in meta[PARTS[extra]].split()]

@pytest.fixture(scope="module")
def project(): return tomllib.loads((ROOT / "pyproject.toml").read_text())

@pytest.fixture(scope="module")
def pins():
    lines = [line.split("#")[0].strip()
             for line in (ROOT / "requirements.lock").read_text().splitlines()]
    return {plain(name): pin for name, _, pin in (line.partition("==") for line in lines if line)}

@pytest.fixture(scope="module")
def package_version():
    return re.fullmatch(r'__version__ = "(\d+\.\d+\.\d+)"\s*',
                        (ROOT / "slr_tiny/__init__.py").read_text())[1]

def copy_of_the_project(folder, pages):
    "The tracked files, and the built pages, if they are wanted and there are some"
    for path in tracked():
        copy = folder / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy, follow_symlinks=False)
    if pages and (PAGES / "index.html").exists(): shutil.copytree(PAGES, folder / "web_demo/dist")
    return folder

def build(source, target, *options):
    "The files that are built, offline, and what was said"
    command = [sys.executable, "-m", "build", "--no-isolation", *options, "-o", target, source]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-3000:]
    return sorted(target.iterdir()), run.stdout + run.stderr

@pytest.fixture(scope="module")
def built(tmp_path_factory):
    "A source distribution, and the wheel that is built from it"
    source = copy_of_the_project(tmp_path_factory.mktemp("source"), pages=True)
    return build(source, tmp_path_factory.mktemp("built"))[0]

@pytest.fixture(scope="module")
def wheel(built):
    [path] = [path for path in built if path.suffix == ".whl"]
    return path

@pytest.fixture(scope="module")
def sdist(built):
    [path] = [path for path in built if path.suffix == ".gz"]
    return path

def test_one_description(meta, project):
    assert project["project"]["name"] == meta["name"]
    assert project["project"]["description"] == meta["description"]
    assert meta["url"] in project["project"]["urls"].values()
    assert not set(project["project"]) & {"version", "dependencies", "requires-python", "authors",
                                          "license"}, "they belong to settings.ini"

def test_nbdev_settings(project):
    nbdev = project["tool"]["nbdev"]
    # else nbdev-clean deletes papermill's tag
    assert "tags" in nbdev["allowed_cell_metadata_keys"]
    assert not nbdev.get("clear_all") and nbdev["update_pyproject"] is False

@pytest.mark.parametrize("extra", PARTS)
def test_requirements_are_ranges_and_the_lock_is_inside(meta, pins, extra):
    "settings.ini says from which version on, and requirements.lock which one make installs"
    wanted = required(meta, extra)
    names = [requirement.name for requirement in wanted]
    assert names == sorted(set(names), key=str.lower)
    for requirement in wanted:
        operators = {part.operator for part in requirement.specifier}
        assert ">=" in operators and operators <= {">=", "<", "!="}, f"{requirement} is no range"
        assert requirement.specifier.contains(pins[plain(requirement.name)]), requirement

def test_the_lock_is_exact(pins):
    assert [f"{name}=={pin}" for name, pin in pins.items()
            if not re.fullmatch(r"\d[\w.]*", pin)] == []
    assert "-c requirements.lock -e '.[dev]'" in (ROOT / "Makefile").read_text()

def test_lock_is_what_is_installed(pins):
    def installed(name):
        try: return version(name).partition("+")[0]
        except PackageNotFoundError: return None
    assert {name: (pin, installed(name)) for name, pin in pins.items()
            if installed(name) not in (pin, None)} == {}
    lock = (ROOT / "requirements.lock").read_text()
    assert [name for name in pins if installed(name) is None
            and not re.search(rf"^{name}==\S+  # Python 3", lock, re.M | re.I)] == []

def test_requirements_need_nothing_outside_the_lock(meta, pins):
    """Everything that a pinned package asks for on this machine is pinned too, and the pin
    satisfies it"""
    missing = []
    for name in pins:
        try: texts = requires(name) or []
        except PackageNotFoundError: continue     # needed by another Python only
        for text in texts:
            needed = Requirement(text)
            if needed.marker and not needed.marker.evaluate({"extra": ""}): continue
            pin = pins.get(plain(needed.name))
            if plain(needed.name) in ("pip", "setuptools", "wheel"): continue
            # the ordinary Linux build of torch brings its own
            if plain(needed.name).startswith(("nvidia-", "cuda-", "triton")): continue
            if pin is None or not needed.specifier.contains(pin, prereleases=True):
                missing.append(f"{name} needs {needed}, pinned is {pin}")
    assert missing == []

def imported():
    "Modules of others that the package imports, at its top or inside its functions"
    found = set()
    for path in (ROOT / "slr_tiny").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            if isinstance(node, ast.ImportFrom) and not node.level:
                found.add(node.module.split(".")[0])
    # what a backend needs is optional, and said so where it is asked for
    return found - sys.stdlib_module_names - {"slr_tiny"} - set(BACKENDS.values())

def modules_of(requirements):
    "The names by which distributions are imported"
    names = {plain(each.name) for each in requirements}
    names = {IMPORTED_AS.get(name, name.replace("-", "_")) for name in names}
    return names | {module for module, by in BROUGHT_BY.items() if by in names}

def test_imports_are_required(meta):
    "Each module of others comes with the package, or with the extra that `failures` names"
    plainly = modules_of(required(meta))
    assert imported() - plainly <= {module for modules in EXTRAS.values() for module in modules}
    for extra, modules in EXTRAS.items():
        assert set(modules) <= modules_of(required(meta, extra)), extra

def test_version_is_the_same_everywhere(package_version, wheel):
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert citation["version"] == package_version
    assert re.search(rf"^## \[?{re.escape(package_version)}\b", (ROOT / "CHANGELOG.md").read_text(),
                     re.M), "CHANGELOG.md has no heading of this version"
    assert wheel.name.split("-")[1] == package_version
    web = json.loads((ROOT / "web_demo/package.json").read_text())
    lock = json.loads((ROOT / "web_demo/package-lock.json").read_text())
    assert {web.get("version"), lock.get("version"), lock["packages"][""].get("version")} <= {
        package_version, None}

def test_citation_names_the_project(meta):
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert {"cff-version", "message", "title", "authors", "version", "license"} <= citation.keys()
    assert citation["license"] == meta["license"] == "Apache-2.0"
    assert "Apache License" in (ROOT / "LICENSE").read_text()[:200]
    assert citation.get("repository-code", meta["url"]) == meta["url"]

def test_wheel_holds_modules_and_data(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    ours = {name for name in names if name.startswith("slr_tiny/")}
    expected = {str(path.relative_to(ROOT)) for path in (ROOT / "slr_tiny").rglob("*.py")}
    expected |= {f"slr_tiny/data/{path.name}" for kind in ("json", "yaml")
                 for path in (ROOT / "data").glob(f"*.{kind}")}
    assert expected <= names
    assert {"slr_tiny/data/landmarks.json", "slr_tiny/data/lexicon.yaml",
            "slr_tiny/data/signers.yaml"} <= names
    assert [name for name in names - ours if ".dist-info/" not in name] == []
    known = re.compile(r"slr_tiny/(.*\.py|data/[^/]*|pages/.*|csrc/.*)")
    assert {f"slr_tiny/csrc/dist/{name}.wasm" for name in ("plain", "simd", "relaxed")} <= names
    assert [name for name in ours if not known.fullmatch(name)] == []

def pages():
    "The files of the built pages"
    found = [path for path in PAGES.rglob("*") if path.is_file() and not path.name.startswith(".")]
    if not found: pytest.skip("the web pages are not built; make web")
    return sorted(path.relative_to(PAGES).as_posix() for path in found)

def test_sdist_and_wheel_hold_the_pages(sdist, wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert sorted(name[15:] for name in names if name.startswith("slr_tiny/pages/")) == pages()
    with tarfile.open(sdist) as archive:
        inside = {name.partition("/")[2] for name in archive.getnames()}
    wanted = {f"web_demo/dist/{name}" for name in pages()} | {"settings.ini", "data/landmarks.json"}
    assert wanted <= inside

def test_without_pages_the_build_says_what_to_do(tmp_path):
    "And so does the demo of what was built"
    (tmp_path / "built").mkdir()
    source = copy_of_the_project(tmp_path / "source", pages=False)
    [wheel], said = build(source, tmp_path / "built", "--wheel")
    assert "make web" in said
    assert [name for name in zipfile.ZipFile(wheel).namelist() if "/pages/" in name] == []
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    command = [sys.executable, "-c", "from slr_tiny.web.server import page_folder as f; f()"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True,
                         env={**os.environ, "PYTHONPATH": str(tmp_path / "site")})
    assert "InputError" in run.stderr and "make web" in run.stderr

def ranges(requirements): return {plain(each.name): each.specifier for each in requirements}

def test_wheel_metadata(wheel, meta, project, package_version):
    archive = zipfile.ZipFile(wheel)
    [folder] = {name.split("/")[0] for name in archive.namelist() if ".dist-info/" in name}
    told = Parser().parsestr(archive.read(f"{folder}/METADATA").decode())
    assert (told["Name"].replace("-", "_"), told["Version"],
            told["Summary"]) == (meta["name"], package_version, meta["description"])
    assert SpecifierSet(told["Requires-Python"]) == SpecifierSet(meta["python_requires"])
    assert meta["license"] in (told["License"] or "", told["License-Expression"] or "")
    assert "==" not in "".join(text.partition(";")[0] for text in told.get_all("Requires-Dist"))
    assert set(told.get_all("Provides-Extra")) == set(EXTRAS)
    wanted = [Requirement(text) for text in told.get_all("Requires-Dist")]
    [everything] = [each for each in wanted if plain(each.name) == plain(meta["name"])]
    assert everything.extras == {"train", "browser"}
    assert everything.marker.evaluate({"extra": "dev"})
    wanted.remove(everything)
    for extra in PARTS:
        brought = [each for each in wanted
                   if (each.marker.evaluate({"extra": extra}) if each.marker else not extra)]
        assert ranges(brought) == ranges(required(meta, extra)), extra
    entry = ConfigParser()
    entry.read_string(archive.read(f"{folder}/entry_points.txt").decode())
    assert entry["console_scripts"]["slr-tiny"] == "slr_tiny.cli.main:main"

# ---- installed, without the extras

def distributions_for(requirements):
    "Requirements, and all that they require, on this machine"
    found, todo = set(), list(requirements)
    while todo:
        each = todo.pop()
        if each.marker and not each.marker.evaluate({"extra": ""}): continue
        if plain(each.name) in found: continue
        found.add(plain(each.name))
        todo += [Requirement(text) for text in requires(each.name) or []]
    return found

@pytest.fixture(scope="module")
def installed(wheel, meta, tmp_path_factory):
    "Runs `slr-tiny` in an empty folder, in a fresh environment with what the wheel requires"
    place = tmp_path_factory.mktemp("installed")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", place / "env"], check=True)
    python = place / "env/bin/python"
    pip = [sys.executable, "-m", "pip", "--python", python, "--disable-pip-version-check", "-q"]
    subprocess.run([*pip, "install", "--no-deps", "--no-index", wheel], check=True)
    [site] = (place / "env").glob("lib/python*/site-packages")
    for name in distributions_for(required(meta)):
        for part in {path.parts[0] for path in files(name)} - {"..", "__pycache__"}:
            if not (site / part).exists():
                (site / part).symlink_to(Path(np.__file__).parents[1] / part)
    (place / "work").mkdir()
    ours = ("PYTHONPATH", "VIRTUAL_ENV", "SLR_TINY_REAL_DATA")
    env = {name: value for name, value in os.environ.items() if name not in ours}
    env |= {"XDG_CACHE_HOME": str(place / "cache"), "HOME": str(place)}

    def start(*arguments, program="slr-tiny", call=subprocess.run, **options):
        options = options or dict(capture_output=True)
        command = [place / "env/bin" / program, *map(str, arguments)]
        return call(command, cwd=place / "work", env=env, text=True, **options)
    start.work, start.place = place / "work", place
    return start

def done(run):
    "What a command that went well has said"
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout

@pytest.fixture(scope="module")
def clip(installed):
    "A short synthetic clip that MediaPipe finds a person in"
    (sign, *_), (signer, *_) = load_lexicon().values(), load_signers().values()
    motion = animate(sign, signer, np.random.default_rng(0))
    some = slice(len(motion.points) // 2 - 4, len(motion.points) // 2 + 4)
    path = installed.place / "UP_ada_0.mp4"
    render_clip(replace(motion, points=motion.points[some], head=motion.head[some]), signer, path)
    return path

@pytest.fixture(scope="module")
def model(installed):
    small = SPOTER(3, layers=1, feedforward=32).eval()
    return export(small, ["a", "b", "c"], installed.place / "model.onnx")

def test_the_environment_is_plain(installed):
    "The extras are not there, nor what only they bring; the package is the installed one"
    program = ("import importlib.util as u, sys, slr_tiny, numpy\n"
               "found = [name for name in sys.argv[1:] if u.find_spec(name)]\n"
               "print(slr_tiny.__file__.startswith(sys.prefix), found)")
    names = {"seaborn", "sympy", "IPython", *(name for some in EXTRAS.values() for name in some)}
    assert done(installed("-c", program, *names, program="python")).strip() == "True []"

def test_help(installed): assert "usage: slr-tiny" in done(installed("--help"))

def test_the_command_line_imports_nothing_slow():
    "`slr-tiny --help` and a wrong path wait for none of these"
    slow = ["torch", "numpy", "pandas", "pyarrow", "scipy", "sklearn", "matplotlib", "mediapipe",
            "onnx", "onnxruntime", "av", "cv2", "tornado", "IPython"]
    program = "import sys, slr_tiny.cli.main; print(*(set(sys.argv[1:]) & set(sys.modules)))"
    command = [sys.executable, "-c", program, *slow]
    assert done(subprocess.run(command, cwd=ROOT, capture_output=True, text=True)).strip() == ""

def test_videos_to_a_table_and_glosses(installed, clip, model):
    assert "1 clips" in done(installed("extract", clip, "--out", "mine.parquet", "--workers", 1))
    assert "1 sequences" in done(installed("info", "mine.parquet"))
    assert "1 sequences" in done(installed("convert", "mine.parquet", "--out", "again.parquet"))
    [line] = done(installed("predict", model, "mine.parquet")).splitlines()
    assert line.split("\t")[:1] == ["UP_ada_0"] and line.split("\t")[1] in "abc"

def test_the_other_engine(installed, clip, model):
    "Its networks are converted from MediaPipe's package, into the cache, not where one works"
    said = done(installed("predict", model, clip, "--engine", "onnx", "--workers", 1))
    [line] = said.splitlines()
    assert line.split("\t")[1] in "abc"
    assert not (installed.work / "_run").exists()
    assert list(installed.place.glob("**/slr_tiny/engine/*/hand_landmark_full.onnx"))

def test_catalogue(installed): assert "procedural" in done(installed("data", "list"))

def test_results(installed):
    "The list of figures that matter comes with the package"
    shutil.copytree(ROOT / "data/quick/results", installed.work / "run/results")
    assert done(installed("results", "run", "--table")).startswith("| What | run | Chapter |")

def test_demo(installed, model):
    names = pages()
    pipes = dict(stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    demo = installed("demo", model, call=subprocess.Popen, **pipes)
    try:
        said = demo.stdout.readline()
        assert said.startswith("Open http://127.0.0.1:"), said + demo.stderr.read()
        address = re.search(r"http://\S+(?=/index.html)", said)[0]
        assert b"<title>" in urlopen(f"{address}/").read()
        for name in names:
            with urlopen(f"{address}/{name}") as answer:
                assert int(answer.headers["Content-Length"]) == (PAGES / name).stat().st_size
        assert urlopen(f"{address}/models/student_int8.onnx").read() == Path(model).read_bytes()
        for name in NETWORKS:
            assert len(urlopen(f"{address}/engine/{name}.onnx").read()) > 1e5
        demo.send_signal(signal.SIGINT)
        assert demo.wait() == 0
    finally:
        demo.kill()
        demo.communicate()

def test_site(installed, model):
    names = [*pages(), "engine/pose_landmark_lite.onnx", "models/student_int8.onnx"]
    done(installed("site", "public", "--model", model))
    assert [name for name in names if not (installed.work / "public" / name).is_file()] == []

@pytest.mark.parametrize("arguments", [["train", "mine.parquet", "--out", "m"], ["export", "m"],
                                       ["pack", "m"]], ids=["train", "export", "pack"])
def test_what_needs_an_extra_names_it(installed, arguments):
    run = installed(*arguments)
    assert (run.returncode, run.stdout, run.stderr.count("\n")) == (2, "", 1)
    assert "pip install 'slr_tiny[train]'" in run.stderr and "torch" in run.stderr

def test_npm_versions_are_exact_and_locked():
    web = json.loads((ROOT / "web_demo/package.json").read_text())
    lock = json.loads((ROOT / "web_demo/package-lock.json").read_text())["packages"]
    for part in ("dependencies", "devDependencies"):
        assert lock[""].get(part, {}) == web.get(part, {})
        for name, exact in web.get(part, {}).items():
            assert re.fullmatch(r"\d+\.\d+\.\d+(-[\w.]+)?", exact), f"{name} {exact} is not exact"
            assert lock[f"node_modules/{name}"]["version"] == exact
    assert {"onnxruntime-web", "@mediapipe/holistic", "vite",
            "typescript"} <= web["dependencies"].keys() | web["devDependencies"].keys()
    assert [name for name, entry in lock.items() if name and not entry.get("link")
            and not entry.get("integrity")] == []

# split, so that this file does not find itself
ELSEWHERE = re.compile(
    "|".join(["jsde" + "livr", "unp" + r"kg\.com", "cdn" + "js", "googlea" + "pis", "gst" + "atic",
              r"esm\." + "sh", "sky" + "pack", r"//cdn" + r"\."]), re.I)

def test_nothing_is_fetched_from_a_content_network():
    found = []
    for path in tracked():
        try: text = path.read_text()
        except UnicodeDecodeError: continue
        if path.name == "package-lock.json": continue      # npm's registry, read by npm ci only
        found += [f"{path.relative_to(ROOT)}:{i}: {line.strip()[:100]}"
                  for i, line in enumerate(text.splitlines(), 1) if ELSEWHERE.search(line)]
    assert found == []

def test_built_pages_ask_only_their_own_server():
    pages = list((ROOT / "web_demo/dist").glob("*.html"))
    if not pages: pytest.skip("the web pages are not built; make web")
    for page in pages:
        assert re.findall(r'(?:src|href)="(?:https?:)?//[^"]*"', page.read_text()) == []

def test_nothing_heavy_is_tracked():
    sizes = {str(path.relative_to(ROOT)): path.stat().st_size for path in tracked()}
    assert {name: size for name, size in sizes.items() if size > 2e6} == {}
    recordings = (".npz", ".npy", ".mp4", ".mov", ".webm", ".parquet", ".onnx", ".tflite",
                  ".safetensors", ".pt", ".pth")
    assert [name for name in sizes if name.endswith(recordings)] == []

def test_no_module_that_setuptools_dropped():
    name = "pkg" + "_resources"
    assert [path.name for path in tracked() if path.suffix in (".py", ".ipynb", ".toml", ".ini")
            and name in path.read_text()] == []
