"""The real book: its sources, its ladder of modules, its export, and the names of its parameters."""
import ast
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import papermill
import pytest
import yaml
from book_lint import Book, lint
from conftest import ROOT, tracked
from slr_tiny.cli import main

NBS = ROOT / "nbs"
NOTEBOOKS = sorted(NBS.glob("*.ipynb"))
LADDER = ["results", "failures", "video", "style", "landmarks", "signer", "rendering", "datasets", "portraits", "formats", "readers", "catalogue", "tflite", "smoothing", "keypoints", "holistic", "tasks", "extraction", "quality", "trackers", "spoter", "batches", "evaluation", "comparisons", "jobs", "training", "distillation", "graphs", "arithmetic", "codes", "quantization",
          "contenders", "export", "untrusted", "server", "browser", "versions", "limits", "stopwatch", "weight", "documents", "divergence", "suspects", "remedies", "films", "profiles", "supervision", "pipeline", "commands", "cli"]
PARAMETERS = sorted((ROOT / "params").glob("*.yaml"))


@pytest.fixture(scope="module")
def problems():
    found = {}
    for problem in lint(NBS): found.setdefault(problem.file, []).append(str(problem))
    return found


@pytest.mark.parametrize("file", ["_quarto.yml", *(f"nbs/{path.name}" for path in sorted([*NOTEBOOKS, *NBS.glob("*.qmd")]))])
def test_lint(problems, file):
    if file in problems: pytest.fail("\n".join(problems[file]), pytrace=False)


def test_lint_covers_every_file(problems):
    assert {chapter.path.name for chapter in Book(NBS).chapters} >= {path.name for path in NOTEBOOKS} | {"index.qmd"}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_is_valid(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    ids = [cell.id for cell in notebook.cells]
    assert len(set(ids)) == len(ids)
    assert notebook.metadata.kernelspec.name == "python3"


def imported(path):
    "Names of the package's modules that a module imports, at its top or inside its functions"
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import): yield from (a.name.split(".")[1] for a in node.names if a.name.startswith("slr_tiny."))
        elif isinstance(node, ast.ImportFrom):
            parts = (node.module or "").split(".")
            if node.level == 0 and parts[0] != "slr_tiny": continue
            parts = parts[1:] if node.level == 0 else [part for part in parts if part]
            yield from [parts[0]] if parts else [a.name for a in node.names]


MODULES = sorted(path for path in (ROOT / "slr_tiny").glob("*.py") if not path.stem.startswith("_"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_ladder(path):
    "A module imports only from those before it"
    assert path.stem in LADDER, f"give slr_tiny/{path.name} a place in the ladder"
    lower = LADDER[:LADDER.index(path.stem)]
    assert [name for name in imported(path) if name not in lower and name != "__version__"] == []


def test_ladder_is_whole():
    assert sorted(LADDER) == [path.stem for path in MODULES]


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    "A copy of the sources, cleaned and exported afresh by nbdev's own commands"
    folder = tmp_path_factory.mktemp("copy")
    for path in tracked():
        if path.relative_to(ROOT).parts[0] in ("nbs", "slr_tiny", "pyproject.toml", "settings.ini", "README.md"):
            target = folder / path.relative_to(ROOT)
            target.parent.mkdir(exist_ok=True)
            if path.is_symlink(): target.write_text("")
            else: shutil.copy(path, target)
    for path in (folder / "slr_tiny").glob("*.py"):
        if path.stem != "__init__": path.unlink()
    for program in ("from nbdev.clean import nbdev_clean as f; f()", "from nbdev.doclinks import nbdev_export as f; f()"):
        run = subprocess.run([sys.executable, "-c", program], cwd=folder, capture_output=True, text=True)
        assert run.returncode == 0, run.stderr
    return folder


def test_export_is_up_to_date(copy):
    "slr_tiny/*.py is what the notebooks say; make export"
    fresh = {path.name: path.read_text() for path in (copy / "slr_tiny").glob("*.py")}
    kept = {path.name: path.read_text() for path in (ROOT / "slr_tiny").glob("*.py")}
    assert sorted(fresh) == sorted(kept)
    assert [name for name in fresh if fresh[name] != kept[name]] == []


def test_notebooks_are_clean(copy):
    "nbdev-clean finds nothing to do; make export"
    assert [path.name for path in NOTEBOOKS if json.loads(path.read_text()) != json.loads((copy / "nbs" / path.name).read_text())] == []


@pytest.mark.parametrize("path", PARAMETERS, ids=lambda path: path.stem)
def test_parameters_exist(path):
    "papermill only warns about a parameter that the notebook does not know"
    profile = yaml.safe_load(path.read_text())
    assert profile["run"] == f"_run/{path.stem}" and {"run", "table", "chapters"} <= set(profile) <= {"run", "table", "more", "chapters"}
    made = profile["chapters"]["02_datasets"].get("data", "procedural").split(",")
    assert {Path(name).stem for name in [profile["table"], *profile.get("more", [])] if name.startswith("tables/")} <= set(made)
    wrong = []
    for name, values in profile["chapters"].items():
        notebook = NBS / f"{name}.ipynb"
        assert notebook.exists(), f"{path.name} names {name}, which is not a chapter"
        known = papermill.inspect_notebook(str(notebook))
        wrong += [f"{name}: {key}" for key in {"run": 0, **(values or {})} if key not in known]
        wrong += [f"{name}: {key} is a {type(value).__name__}" for key, value in (values or {}).items()
                  if key in known and not same_kind(value, ast.literal_eval(known[key]["default"]))]
    assert wrong == []


def same_kind(value, default):
    "True if a parameter and its default are both numbers, both text, both lists ..."
    if value is None or default is None: return True
    numbers = (int, float)
    return type(value) is type(default) or (isinstance(value, numbers) and isinstance(default, numbers) and not isinstance(value, bool))


def test_profile_quick_is_the_default():
    assert "params/quick.yaml" in (ROOT / "Snakefile").read_text()
    assert {"quick", "real"} <= {path.stem for path in PARAMETERS}


def test_graph_names_the_chapters():
    "Exactly the chapters (two digits, no letter) are in the graph; sections are run by make test"
    named = set(re.findall(r'"((?:\d\d[a-z]?|[A-Z])_\w+)"', (ROOT / "Snakefile").read_text()))
    chapters = {path.stem for path in NOTEBOOKS if re.match(r"\d\d_", path.stem)}
    assert named == {name for name in chapters if not name.startswith("00_")}


def test_readme_lists_the_chapters():
    text = (ROOT / "README.md").read_text()
    assert sorted(path.stem for path in NOTEBOOKS if path.stem not in text and not path.stem.startswith("00")) == []


@pytest.mark.parametrize("name", ["README.md", "nbs/index.qmd"])
def test_documents_hold_the_kept_figures(name, tmp_path):
    "Between the markers stands what the result files under data/ say; make keep-results"
    copy = tmp_path / "document"
    shutil.copy(ROOT / name, copy)
    assert main(["results", "--update", str(copy)]) == 0
    assert copy.read_text() == (ROOT / name).read_text()


def test_readme_commands():
    "The notebooks, parameters and commands that the README tells people to type exist"
    from slr_tiny.cli import COMMANDS
    text = (ROOT / "README.md").read_text()
    wrong = [f"slr-tiny {name}" for name in re.findall(r"^slr-tiny (\w+)", text, re.M) if name not in COMMANDS]
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M)
    wrong += [f"make {name}" for name in re.findall(r"(?:^|`)make ([a-z-]+)", text, re.M) if name not in targets]
    for name, line in re.findall(r"^papermill nbs/(\w+)\.ipynb(.*)$", text, re.M):
        known = papermill.inspect_notebook(str(NBS / f"{name}.ipynb"))
        wrong += [f"papermill {name} -p {key}" for key in re.findall(r" -p (\w+)", line) if key not in known]
    assert wrong == []


def test_readme_links():
    "Links and pictures of the Markdown files at the root lead to tracked files"
    files = {path.resolve() for path in tracked()}
    folders = {parent for path in files for parent in path.parents}
    dead = []
    for page in [*ROOT.glob("*.md"), *(ROOT / "data").glob("*.md"), *(ROOT / "web_demo").glob("*.md")]:
        for link in re.findall(r"\]\(([^)\s#]+)[^)]*\)", re.sub(r"```.*?```", "", page.read_text(), flags=re.S)):
            target = (page.parent / link).resolve()
            if not re.match(r"[a-z]+:", link) and target not in files | folders: dead.append(f"{page.name}: {link}")
    assert dead == []


def test_quarto_symlink():
    "nbdev sees the plan of the book only through this link"
    link = NBS / "_quarto.yml"
    assert link.is_symlink() and link.resolve() == Path(ROOT / "_quarto.yml").resolve()
