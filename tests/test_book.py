"""The real book: its sources, its ladder of modules, its export, the names of its parameters."""
import ast
import json
import os
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
from slr_tiny.glossary import read_glossary, refused_words
from slr_tiny.cli.main import main

NBS = ROOT / "nbs"
NOTEBOOKS = sorted(NBS.glob("*.ipynb"))
PACKAGE = ROOT / "slr_tiny"
# A module imports from its own package, and from those of the rungs before it
LADDER = [{"core"}, {"results", "plotting", "failures", "glossary", "parallel", "supervision"},
          {"pose"}, {"datasets", "models"}, {"training", "deploy"}, {"web", "mcu", "pipeline"},
          {"cli"}]
RUNG = {package: rung for rung, packages in enumerate(LADDER) for package in packages}
PARAMETERS = sorted((ROOT / "params").glob("*.yaml"))

@pytest.fixture(scope="module")
def problems():
    found = {}
    for problem in lint(NBS): found.setdefault(problem.file, []).append(str(problem))
    return found

@pytest.mark.parametrize("file",
                         ["_quarto.yml",
                          *(f"nbs/{path.name}"
                            for path in sorted([*NOTEBOOKS, *NBS.glob("*.qmd")]))])
def test_lint(problems, file):
    if file in problems: pytest.fail("\n".join(problems[file]), pytrace=False)

def test_lint_covers_every_file(problems):
    assert {chapter.path.name for chapter in Book(NBS).chapters} >= {
        path.name for path in NOTEBOOKS} | {"index.qmd"}

@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_is_valid(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    ids = [cell.id for cell in notebook.cells]
    assert len(set(ids)) == len(ids)
    assert notebook.metadata.kernelspec.name == "python3"

MODULES = {".".join(path.relative_to(PACKAGE).with_suffix("").parts): path
           for path in sorted(PACKAGE.rglob("*.py"))
           if path.stem not in ("__init__", "_modidx")}

def named(node, module):
    "The dotted names, within the package, that an import in a module leads to"
    if isinstance(node, ast.Import):
        return [alias.name[9:] for alias in node.names if alias.name.startswith("slr_tiny.")]
    if not isinstance(
        node, ast.ImportFrom) or node.level == 0 and not f"{node.module}.".startswith("slr_tiny."):
        return []
    base = module.split(".")[:-node.level] if node.level else []
    base += (node.module or "").split(".")[0 if node.level else 1:] if node.module else []
    base = [part for part in base if part]
    return [".".join(base)] if ".".join(base) in MODULES else [
        ".".join([*base, alias.name]) for alias in node.names]

def imports(module):
    "Modules of the package that a module imports, at its top or inside its functions"
    found = {name for node in ast.walk(ast.parse(MODULES[module].read_text()))
             for name in named(node, module)}
    return found - {"__version__"}

@pytest.fixture(scope="module")
def graph(): return {module: imports(module) for module in MODULES}

def package(module): return module.split(".")[0]

def arrows_up(module, imported):
    "Imports that lead neither to the module's own package nor to one of an earlier rung"
    return sorted(name for name in imported if package(name) != package(module)
                  and RUNG[package(name)] >= RUNG[package(module)])

@pytest.mark.parametrize("module", MODULES)
def test_no_arrow_leads_up(graph, module):
    assert sorted(graph[module] - set(MODULES)) == []
    assert arrows_up(module, graph[module]) == []

def test_an_arrow_up_is_found():
    assert arrows_up("deploy.graph", {"core", "deploy.qdq"}) == []
    assert arrows_up("deploy.graph", {"web.server", "training.trainer", "core"}) == [
        "training.trainer", "web.server"]

def levels(graph):
    "How many imports lie below each module; an error names a circle"
    found = {}
    def level(module, path=()):
        assert module not in path, f"a circle of imports: {' -> '.join([*path, module])}"
        if module not in found:
            found[module] = 1 + max((level(name, (*path, module)) for name in graph[module]),
                                    default=0)
        return found[module]
    return {module: level(module) for module in graph}

def test_no_circle(graph): levels(graph)

def packages(graph):
    "The same graph of packages: which other ones each of them imports"
    found = {package(module): set() for module in graph}
    for module, names in graph.items(): found[package(module)] |= set(map(package, names))
    return {name: others - {name} for name, others in found.items()}

def test_the_ladder_of_packages_has_seven_levels(graph):
    "Neither a circle of packages, nor a path through more than seven"
    assert max(levels(packages(graph)).values()) <= 7

def test_a_circle_is_found():
    with pytest.raises(AssertionError, match="a -> b -> a"): levels({"a": {"b"}, "b": {"a"}})

@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    "A copy of the sources, cleaned and exported afresh by nbdev's own commands"
    folder = tmp_path_factory.mktemp("copy")
    for path in tracked():
        if path.relative_to(ROOT).parts[0] in ("nbs", "slr_tiny", "pyproject.toml", "settings.ini",
                                               "README.md"):
            target = folder / path.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            if path.is_symlink(): target.write_text("")
            else: shutil.copy(path, target)
    for path in (folder / "slr_tiny").rglob("*.py"):
        if path.stem != "__init__": path.unlink()
    for program in ("from nbdev.clean import nbdev_clean as f; f()",
                    "from nbdev.doclinks import nbdev_export as f; f()"):
        run = subprocess.run([sys.executable, "-c", program], cwd=folder, capture_output=True,
                             text=True)
        assert run.returncode == 0, run.stderr
    return folder

def test_export_is_up_to_date(copy):
    "slr_tiny/**.py is what the notebooks say; make export"
    fresh, kept = ({str(path.relative_to(root)): path.read_text()
                    for path in (root / "slr_tiny").rglob("*.py")} for root in (copy, ROOT))
    assert sorted(fresh) == sorted(kept)
    assert [name for name in fresh if fresh[name] != kept[name]] == []

def test_notebooks_are_clean(copy):
    "nbdev-clean finds nothing to do; make export"
    assert [path.name for path in NOTEBOOKS if json.loads(path.read_text()) != json.loads(
        (copy / "nbs" / path.name).read_text())] == []

@pytest.mark.parametrize("path", PARAMETERS, ids=lambda path: path.stem)
def test_parameters_exist(path):
    "papermill only warns about a parameter that the notebook does not know"
    profile = yaml.safe_load(path.read_text())
    assert profile["run"] == f"_run/{path.stem}" and {"run", "table",
                                                      "chapters"} <= set(profile) <= {
                                                          "run", "table", "more", "chapters"}
    made = profile["chapters"]["02_datasets"].get("data", "procedural").split(",")
    assert {Path(name).stem for name in [profile["table"], *profile.get("more", [])]
            if name.startswith("tables/")} <= set(made)
    wrong = []
    for name, values in profile["chapters"].items():
        notebook = NBS / f"{name}.ipynb"
        assert notebook.exists(), f"{path.name} names {name}, which is not a chapter"
        known = papermill.inspect_notebook(str(notebook))
        wrong += [f"{name}: {key}" for key in {"run": 0, **(values or {})} if key not in known]
        wrong += [f"{name}: {key} is a {type(value).__name__}"
                  for key, value in (values or {}).items()
                  if key in known and not same_kind(value, ast.literal_eval(known[key]["default"]))]
    assert wrong == []

def same_kind(value, default):
    "True if a parameter and its default are both numbers, both text, both lists ..."
    if value is None or default is None: return True
    numbers = (int, float)
    return type(value) is type(default) or (
        isinstance(value, numbers) and isinstance(default, numbers) and not isinstance(value, bool))

def test_profile_quick_is_the_default():
    assert "params/quick.yaml" in (ROOT / "Snakefile").read_text()
    assert {"quick", "real"} <= {path.stem for path in PARAMETERS}

def test_graph_names_the_chapters():
    """Exactly the chapters (two digits, no letter) are in the graph, but not those on how the
    project works; make test runs the others"""
    named = set(re.findall(r'"(\d\d[a-z]?_\w+)"', (ROOT / "Snakefile").read_text()))
    chapters = {path.stem for path in NOTEBOOKS if re.match(r"\d\d_", path.stem)}
    assert named == {name for name in chapters if not name.startswith(("00_", "16_"))}

def below(names, graph):
    "Modules, and all that they import"
    found, left = set(), set(names)
    while left:
        found, left = found | left, set().union(*(graph[name] for name in left)) - found - left
    return found

@pytest.mark.parametrize("path",
                         [path for path in NOTEBOOKS if re.match(r"(?!00|16)\d\d_", path.stem)],
                         ids=lambda path: path.stem)
def test_a_chapter_runs_again_when_a_module_of_it_changes(path, graph, monkeypatch):
    "The Snakefile finds every module that a chapter imports, however the import is written"
    monkeypatch.chdir(ROOT)
    text = (ROOT / "Snakefile").read_text()
    space = {"re": re, "os": os, "Path": Path}
    exec(text[text.index("def modules("):text.index("def parameters(")], space)
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    trees = [ast.parse(re.sub(r"^\s*[%!].*", "", cell.source, flags=re.M)) for cell in cells]
    direct = {name for tree in trees for node in ast.walk(tree)
              for name in named(node, "chapter")} & set(MODULES)
    found = {".".join(Path(file).with_suffix("").parts[1:])
             for file in space["modules"](str(path.relative_to(ROOT)))}
    assert sorted(below(direct, graph) - found) == []

def test_readme_lists_the_chapters():
    text = (ROOT / "README.md").read_text()
    assert sorted(path.stem for path in NOTEBOOKS if path.stem not in text
                  and not path.stem.startswith("00")) == []

@pytest.mark.parametrize("name", ["README.md", "nbs/index.qmd"])
def test_documents_hold_the_kept_figures(name, tmp_path):
    "Between the markers stands what the result files under data/ say; make keep-results"
    copy = tmp_path / "document"
    shutil.copy(ROOT / name, copy)
    assert main(["results", "--update", str(copy)]) == 0
    assert copy.read_text() == (ROOT / name).read_text()

def test_readme_commands():
    "The notebooks, parameters and commands that the README tells people to type exist"
    from slr_tiny.cli.main import COMMANDS
    text = (ROOT / "README.md").read_text()
    wrong = [f"slr-tiny {name}" for name in re.findall(r"^slr-tiny (\w+)", text, re.M)
             if name not in COMMANDS]
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M)
    wrong += [f"make {name}" for name in re.findall(r"(?:^|`)make ([a-z-]+)", text, re.M)
              if name not in targets]
    for name, line in re.findall(r"^papermill nbs/(\w+)\.ipynb(.*)$", text, re.M):
        known = papermill.inspect_notebook(str(NBS / f"{name}.ipynb"))
        wrong += [f"papermill {name} -p {key}" for key in re.findall(r" -p (\w+)", line)
                  if key not in known]
    assert wrong == []

def test_readme_links():
    "Links and images of the Markdown files at the root lead to tracked files"
    files = {path.resolve() for path in tracked()}
    folders = {parent for path in files for parent in path.parents}
    dead = []
    for page in [*ROOT.glob("*.md"), *(ROOT / "data").glob("*.md"),
                 *(ROOT / "web_demo").glob("*.md")]:
        for link in re.findall(r"\]\(([^)\s#]+)[^)]*\)",
                               re.sub(r"```.*?```", "", page.read_text(), flags=re.S)):
            target = (page.parent / link).resolve()
            if not re.match(r"[a-z]+:", link) and target not in files | folders:
                dead.append(f"{page.name}: {link}")
    assert dead == []

def test_quarto_symlink():
    "nbdev sees the plan of the book only through this link"
    link = NBS / "_quarto.yml"
    assert link.is_symlink() and link.resolve() == Path(ROOT / "_quarto.yml").resolve()

def test_words_outside_of_the_notebooks():
    "README, data and the page's sources keep to the glossary as well"
    terms = read_glossary()
    sources = [*(ROOT / "web_demo").glob("*.html"), *(ROOT / "web_demo/src").rglob("*.ts"),
               ROOT / "README.md", *(ROOT / "data").glob("*.md"), *(ROOT / "params").glob("*.yaml")]
    remark = re.compile(r"//.*|/\*.*?\*/", re.S)
    said = {path: path.read_text() for path in sources}
    said = {path: " ".join(remark.findall(text)) if path.suffix == ".ts" else text
            for path, text in said.items()}
    found = {path.name: refused_words(text, terms) for path, text in said.items()}
    assert {name: words for name, words in found.items() if words} == {}
