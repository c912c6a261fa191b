"""The files that describe the package agree, the wheel holds what it must, and nothing tracked is
heavy or fetched from elsewhere."""
import ast
import json
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from configparser import ConfigParser
from email.parser import Parser
from importlib.metadata import PackageNotFoundError, version

import pytest
import yaml
from conftest import ROOT, tracked
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from slr_tiny.parallel import BACKENDS

IMPORTED_AS = {"pyyaml": "yaml", "scikit-learn": "sklearn", "opencv-contrib-python": "cv2",
               "pillow": "PIL", "protobuf": "google"}
# MediaPipe requires it, and a second OpenCV beside it would break it
BROUGHT_BY = {"cv2": "mediapipe"}
# asked for where `make` runs chapters or makes the book, and only there; dev brings them
FOR_MAKE = {"papermill", "jupyter_client", "nbclient", "nbformat", "nbdev", "bs4"}

def plain(name): return re.sub(r"[-_.]+", "-", name).lower()

@pytest.fixture(scope="module")
def meta():
    config = ConfigParser()
    config.read(ROOT / "settings.ini")
    return config["DEFAULT"]

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

@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    "The wheel, built from a copy of the tracked files"
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for path in tracked():
        copy = source / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy, follow_symlinks=False)
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation",
               "--no-index", "-q", "-w", target, source]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    [path] = target.glob("*.whl")
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

def test_every_requirement_has_one_exact_pin(meta, pins):
    names = meta["requirements"].split() + meta["dev_requirements"].split()
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+", name)
               for name in names), "settings.ini holds names, requirements.lock the versions"
    assert len(set(map(plain, names))) == len(names)
    for part in ("requirements", "dev_requirements"):
        assert meta[part].split() == sorted(meta[part].split(), key=str.lower)
    assert [name for name in names if plain(name) not in pins] == []
    assert [f"{name}=={pin}" for name, pin in pins.items()
            if not re.fullmatch(r"\d[\w.]*", pin)] == []

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
    from importlib.metadata import requires
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

def test_imports_are_required(meta):
    "Each module of others that the package imports is among the requirements"
    required = {IMPORTED_AS.get(plain(name), plain(name).replace("-", "_"))
                for name in meta["requirements"].split()}
    found = set()
    for path in (ROOT / "slr_tiny").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            if isinstance(node, ast.ImportFrom) and not node.level:
                found.add(node.module.split(".")[0])
    # optional, and said so where they are asked for
    others = found - sys.stdlib_module_names - {"slr_tiny"} - set(BACKENDS.values())
    assert "papermill" in meta["dev_requirements"].split()
    assert sorted(name for name in others - FOR_MAKE
                  if BROUGHT_BY.get(name, name) not in required) == []

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
    expected = {str(path.relative_to(ROOT)) for path in (ROOT / "slr_tiny").rglob("*.py")}
    expected |= {f"slr_tiny/data/{path.name}" for kind in ("json", "yaml")
                 for path in (ROOT / "data").glob(f"*.{kind}")}
    assert expected <= names
    assert {"slr_tiny/data/landmarks.json", "slr_tiny/data/lexicon.yaml",
            "slr_tiny/data/signers.yaml"} <= names
    assert not [name for name in names if name.startswith(("tests", "nbs", "web_demo", "build"))]

def test_wheel_metadata(wheel, meta, project, pins, package_version):
    files = zipfile.ZipFile(wheel)
    read = lambda name: files.read(
        next(n for n in files.namelist() if n.endswith(f".dist-info/{name}"))).decode()
    told = Parser().parsestr(read("METADATA"))
    assert (told["Name"].replace("-", "_"), told["Version"],
            told["Summary"]) == (meta["name"], package_version, meta["description"])
    assert SpecifierSet(told["Requires-Python"]) == SpecifierSet(meta["python_requires"])
    assert meta["license"] in (told["License"] or "", told["License-Expression"] or "")
    wanted = [Requirement(text) for text in told.get_all("Requires-Dist")]
    run = {plain(r.name): str(r.specifier) for r in wanted if not r.marker}
    develop = {plain(r.name): str(r.specifier) for r in wanted if r.marker}
    assert run == {plain(name): f"=={pins[plain(name)]}" for name in meta["requirements"].split()}
    assert develop == {plain(name): f"=={pins[plain(name)]}"
                       for name in meta["dev_requirements"].split()}
    entry = ConfigParser()
    entry.read_string(read("entry_points.txt"))
    assert entry["console_scripts"]["slr-tiny"] == "slr_tiny.cli:main"

def test_wheel_works_without_the_project(wheel, tmp_path):
    "Unpacked elsewhere, the package finds its data and the command explains itself"
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); import slr_tiny.core as r; assert "
        "r.__file__.startswith(sys.argv[1]);print(r.data_file('landmarks.json')); from "
        "slr_tiny.cli import main; main(['--help'])")
    run = subprocess.run([sys.executable, "-c", program, str(tmp_path / "site")], cwd=tmp_path,
                         capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith(
        str(tmp_path / "site" / "slr_tiny" / "data")) and "usage: slr-tiny" in run.stdout

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
