"""The book's pages: each check finds its planted fault, and `make docs` refuses what it must; and
the site of the page with a model."""
import json
import os
import re
import shutil
import subprocess
import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import nbformat
import pytest
import yaml
from conftest import ROOT
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from slr_tiny.cli.main import main
from slr_tiny.pipeline import book
from slr_tiny.core import InputError
from slr_tiny.results import read_result
from slr_tiny.pipeline.site_checks import check_site

PAGE = """<!doctype html><html><head><link rel="stylesheet" href="libs/style.css">
<script src="libs/menu.js"></script>
<link rel="next" href="lines.html"></head><body><h1 id="cover">Cover</h1>
<div id="fig-line"><figure><img src="line.png" alt="A line."></figure></div>
<p>See <a href="lines.html#the-end">the end</a>, <a href="#fig-line">Figure 1</a>,
<a href="https://example.org/a#b">others</a>, <a href="">here</a>, <a href="#">up</a>
and <a href="mailto:us@example.org">us</a>.</p>
<pre><code>f"{.5} ::: ?@fig-x {.python}"</code></pre></body></html>"""
STYLE = """@font-face { src: url('../font.woff?1') } /* url(old) */
a { background: url(data:image/png;base64,iVBO) }"""
SITE = {"index.html": PAGE, "libs/style.css": STYLE, "line.png": "", "font.woff": "",
        "lines.html": '<h2 id="the-end">End</h2><a href="index.html">back</a> <a href="./">x</a>',
        "libs/menu.js": "var address = 'https://example.org';"}
LABELS = {"index.html": ["fig-line"], "lines.html": []}

def site(folder, changed=None):
    "Lay the site out; a file of None is left out."
    for name, text in (SITE | (changed or {})).items():
        if text is None: continue
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder

def test_a_right_site(tmp_path):
    assert check_site(site(tmp_path), LABELS, ["/home/ada/book", "/home/ada"]) == []

# what is added to the second page, and what is said of it
ADDED = {
    "unresolved reference": ("<p>See ?@fig-circle.</p>", "'?@fig-circle'"),
    "unresolved by class": ('<b class="quarto-unresolved-ref">circle</b>', "shows 'circle'"),
    "class in a heading": ("<h2>Preface {.unnumbered}</h2>", "{.unnumbered}"),
    "class in the title": ("<title>Preface {.unnumbered}</title>", "{.unnumbered}"),
    "label in a heading": ("<h2>Lines {#sec-lines}</h2>", "{#sec-lines}"),
    "fence": ("<p>\n::: {.note}</p>", "::: {.note}"),
    "dead link": ('<a href="circles.html">x</a>', "circles.html, which does not exist"),
    "dead folder": ('<a href="libs/">x</a>', "libs/, which does not exist"),
    "dead anchor": ('<a href="index.html#_draw">x</a>', "index.html#_draw, and there is no such"),
    "dead anchor here": ('<a href="#_draw">x</a>', "#_draw, and there is no such place"),
    "missing style sheet": ('<link rel="stylesheet" href="none.css">', "none.css, which does not"),
    "script": ('<script src="https://example.org/x.js"></script>', "https://example.org/x.js"),
    "script, two slashes": ('<script src="//example.org/x.js"></script>', "fetches //example.org"),
    "script, upper case": ('<SCRIPT SRC="HTTPS://example.org/x.js"></SCRIPT>', "fetches HTTPS://"),
    "module": ('<script type="module">import "https://example.org/m.js"</script>', "/m.js"),
    "style sheet": ('<link href="https://example.org/a.css" rel="stylesheet">', "org/a.css"),
    "preload": ('<link rel="preload" href="https://example.org/f.woff">', "org/f.woff"),
    "font in an element": ("<style>a { src: url(https://example.org/f) }</style>", "example.org/f"),
    "style of an element": ('<p style="background: url(https://example.org/p.png)">', "org/p.png"),
    "image": ('<img alt="" src="http://example.org/p.png">', "fetches http://example.org/p.png"),
    "two images": ('<img alt="" srcset="line.png, https://example.org/p.png 2x">', "org/p.png"),
    "frame": ('<iframe src="https://example.org"></iframe>', "fetches https://example.org"),
    "root of the project": ("<pre>/home/ada/book/_run/x.onnx</pre>", "'/home/ada/book'"),
    "home": ("<code>/home/ada/.cache</code>", "'/home/ada'"),
    "temporary folder": ("<p>/tmp/tmp3x_81abc/x.png</p>", "/tmp/tmp3x_81abc"),
    "path of a system": ("<pre>PosixPath('x')</pre>", "PosixPath("),
    "path in a description": ('<img src="line.png" alt="/home/ada/book">', "'/home/ada/book'"),
}
IMAGE = '<img src="line.png" alt="A line.">'
CHANGED = {
    "no image": ({"index.html": PAGE.replace(IMAGE, "")}, "no image for fig-line"),
    "no figure": ({"index.html": PAGE.replace("fig-line", "fig-b")}, "no image for fig-line"),
    "no page": ({"lines.html": None}, "lines.html was not rendered"),
    "no file of an image": ({"line.png": None}, "line.png, which does not exist"),
    "no font": ({"font.woff": None}, "font.woff?1, which does not exist"),
    "font": ({"libs/style.css": "a { src: url(https://example.org/f.woff) }"}, "css fetches https"),
    "import": ({"libs/style.css": "@import url('https://example.org/a?b;c');"},
               "css fetches https"),
    "import, no url": ({"libs/style.css": '@import "https://example.org";'}, "css fetches https"),
}
FAULTS = CHANGED | {name: ({"lines.html": f"{SITE['lines.html']}\n{added}"}, said)
                    for name, (added, said) in ADDED.items()}

@pytest.mark.parametrize("fault", FAULTS)
def test_fault(tmp_path, fault):
    changed, said = FAULTS[fault]
    found = check_site(site(tmp_path, changed), LABELS, ["/home/ada/book", "/home/ada"])
    assert any(said in line for line in found), found
    assert len(found) <= 2, found  # a page that is missing is also a dead link

def test_an_empty_site(tmp_path):
    assert len(check_site(tmp_path, LABELS, [])) == 1

KERNEL = {"kernelspec": {"name": "python3", "language": "python", "display_name": "python3"}}
NBDEV = """[project]
name = "few"
version = "1"
[tool.nbdev]
lib_path = "few"
nbs_path = "nbs"
skip_procs = "add_links"
"""

def section(name, body):
    "A section with a figure cell whose code is `body`."
    code = f"#| label: fig-line\n#| fig-cap: A line,\n#|   and more.\n#| fig-alt: A line.\n{body}"
    cells = [new_markdown_cell(f"# {int(name[:2])}{name[2]} Lines\n\n> What a line is."),
             new_markdown_cell("See @fig-line."), new_code_cell(code)]
    for number, cell in enumerate(cells): cell.id = f"c{number}"
    return new_notebook(cells=cells, metadata=KERNEL)

DRAW = """import sys
from IPython.display import SVG
print('noise', file=sys.stderr)
SVG('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"></svg>')"""

@pytest.fixture
def project(tmp_path, monkeypatch):
    "A book of a cover and one section, not executed yet."
    for name in ("nbs", "params", "_run"): (tmp_path / name).mkdir()
    (tmp_path / "settings.ini").write_text("[DEFAULT]\n")
    (tmp_path / "pyproject.toml").write_text(NBDEV)
    told = "run: _run/quick\ntable: tables/procedural.parquet\nchapters: {}\n"
    (tmp_path / "params/quick.yaml").write_text(told)
    (tmp_path / "nbs/index.qmd").write_text("# Cover {.unnumbered}\n\n[Lines](01a_lines.ipynb)\n")
    shutil.copy(ROOT / "nbs/book.scss", tmp_path / "nbs")
    plan = yaml.safe_load((ROOT / "_quarto.yml").read_text())
    plan["book"]["chapters"] = ["index.qmd", "01a_lines.ipynb"]
    (tmp_path / "_quarto.yml").write_text(yaml.safe_dump(plan))
    (tmp_path / "nbs/_quarto.yml").symlink_to("../_quarto.yml")
    nbformat.write(section("01a_lines", DRAW), tmp_path / "nbs/01a_lines.ipynb")
    told = new_code_cell('run = ""\ndata = "procedural"', metadata={"tags": ["parameters"]})
    # for the profile
    nbformat.write(new_notebook(cells=[told]), tmp_path / "nbs/02_datasets.ipynb")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    return tmp_path

PROFILE = {"run": "_run/quick", "chapters": {}}

def test_sections_are_executed_where_they_changed(project):
    assert book.troubles(PROFILE) == {"01a_lines": "has not been executed"}
    book.execute_sections(["01a_lines"], 1)
    assert book.troubles(PROFILE) == {}
    path = project / "nbs/01a_lines.ipynb"
    text = path.read_text()
    path.write_text(text.replace("See @fig", "Look at @fig").replace("fig-cap: A", "fig-cap: The"))
    assert book.troubles(PROFILE) == {}  # prose and captions cost nothing
    path.write_text(text.replace("'noise'", "'more noise'"))
    assert book.troubles(PROFILE) == {"01a_lines": "has changed since it was executed"}

def test_the_site_is_whole(project):
    book.execute_sections(["01a_lines"], 1)
    assert book.assemble(PROFILE) == {"lines.html": ["fig-line"]}
    files = project / "_run/site"
    assert {path.name for path in files.iterdir()} == {
        "index.qmd", "_quarto.yml", "nbdev.yml", "book.scss", "01a_lines.ipynb"}
    outputs = nbformat.read(files / "01a_lines.ipynb", as_version=4).cells[-1].outputs
    assert [list(output.get("data", {})) for output in outputs] == [["image/svg+xml"]]  # no noise

def break_it(path): path.write_text(path.read_text()[:100])

def stop_it(path):
    copy = nbformat.read(path, as_version=4)
    copy.metadata.papermill.end_time = None
    nbformat.write(copy, path)

def fail_it(path):
    copy = nbformat.read(path, as_version=4)
    failure = new_output("error", ename="ValueError", evalue="no line", traceback=[])
    copy.cells[2].outputs = [failure]
    nbformat.write(copy, path)

@pytest.mark.parametrize("fault, said", [
    (Path.unlink, "has not been executed"), (break_it, "cannot be read"),
    (stop_it, "was not executed to its end"), (fail_it, "failed (ValueError: no line)")])
def test_what_is_not_published(project, fault, said):
    book.execute_sections(["01a_lines"], 1)
    fault(project / "_run/sections/executed/01a_lines.ipynb")
    with pytest.raises(InputError, match="01a_lines") as error: book.assemble(PROFILE)
    assert said in str(error.value)
    assert not (project / "_run/site").exists()

def test_a_failing_section_is_named(project, capfd):
    broken = section("01a_lines", "raise ValueError('no line')")
    nbformat.write(broken, project / "nbs/01a_lines.ipynb")
    (project / "quarto").write_text("#!/bin/sh\nexit 9")
    (project / "quarto").chmod(0o755)
    os.environ["PATH"], before = f"{project}{os.pathsep}{os.environ['PATH']}", os.environ["PATH"]
    try: assert book.main(["docs"]) == 2
    finally: os.environ["PATH"] = before
    assert "01a_lines failed (ValueError: no line)" in capfd.readouterr().err

@pytest.mark.long
def test_more_notebooks_than_workers(project, monkeypatch):
    "As a command with two workers: each documents several, and all pages are made; no Quarto renders"
    names = [f"01{letter}_lines" for letter in "abcde"]
    for name in names: nbformat.write(section(name, DRAW), project / f"nbs/{name}.ipynb")
    plan = yaml.safe_load((project / "_quarto.yml").read_text())
    plan["book"]["chapters"] = ["index.qmd", *(f"{name}.ipynb" for name in names)]
    (project / "_quarto.yml").write_text(yaml.safe_dump(plan))
    (project / "quarto").write_text("#!/bin/sh\nexit 9")
    (project / "quarto").chmod(0o755)
    monkeypatch.setenv("PATH", f"{project}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("CORES", "2")
    command = [sys.executable, "-m", "slr_tiny.pipeline.book", "docs"]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode and "Traceback" not in run.stderr, run.stderr
    assert {path.stem for path in (project / "_run/pages").glob("*.ipynb")} == {*names}

@pytest.mark.skipif(not shutil.which("quarto"), reason="Quarto is not installed")
@pytest.mark.parametrize("body, status", [(DRAW, 0), ("print('no figure')", 1)])
def test_the_whole_way(project, body, status, capfd):
    "With the real Quarto: the book, or the fault; nothing beside `_run`."
    nbformat.write(section("01a_lines", body), project / "nbs/01a_lines.ipynb")
    assert book.main(["docs"]) == status, capfd.readouterr()
    assert (project / "_run/docs/lines.html").exists()
    if not status: assert "A line, and more." in (project / "_run/docs/lines.html").read_text()
    assert {path.name for path in project.iterdir()} == {
        "nbs", "params", "_run", "settings.ini", "pyproject.toml", "_quarto.yml"}

def test_quarto_is_asked_for_first(tmp_path):
    "One sentence, and nothing else happens"
    for name in ("bash", "make"): (tmp_path / name).symlink_to(shutil.which(name))
    run = subprocess.run(["make", "docs"], cwd=ROOT, env={"PATH": str(tmp_path)},
                         capture_output=True, text=True)
    assert run.returncode != 0 and run.stdout == ""
    assert "quarto.org" in run.stderr.splitlines()[0]

def test_the_image_shows_the_kept_results():
    "nbs/findings.svg is drawn from the result file; make keep-results PROFILE=real"
    points = book.findings(read_result(ROOT / "data/real", "06_distillation"))
    assert book._mark(points) in (ROOT / "nbs/findings.svg").read_text()

def test_the_first_page_says_what_the_image_shows():
    "What a model is taught decides more than how large it is"
    points = book.findings(read_result(ROOT / "data/real", "06_distillation"))
    for _, some in points.groupby("data"):
        top = some.set_index("arm").top1
        assert top["tiny_alone"] > top["papers_6l"] > top["papers_1l"]
        assert abs(top["tiny_alone"] - top["ours_1l"]) < abs(top["tiny_alone"] - top["papers_6l"])

# ---- the pages with a model, as a folder for any host: `slr-tiny site`
# --------------------------------------------------------------------------------------------------

GLOSSES = ["book", "house", "née"]

@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    "A folder as `slr-tiny export` leaves it; the network has learnt nothing"
    import torch
    from slr_tiny.cli.commands import export_folder
    from slr_tiny.models.checkpoint import save_checkpoint
    from slr_tiny.models.frame_features import FrameFeatureCNN
    folder = tmp_path_factory.mktemp("exported")
    torch.manual_seed(0)
    save_checkpoint(folder, FrameFeatureCNN(len(GLOSSES)).eval(), GLOSSES, "raw")
    export_folder(folder)
    return folder

@pytest.fixture(scope="module")
def public(exported, tmp_path_factory):
    "The site, written by the command"
    out = tmp_path_factory.mktemp("host") / "public"
    assert main(["site", str(out), "--model", str(exported),
                 "--embedded-by", "https://dictionary.example"]) == 0
    return out

def test_the_site_has_what_a_host_and_an_operator_need(public):
    names = {str(path.relative_to(public)) for path in public.rglob("*") if path.is_file()}
    assert {"index.html", "_headers", "embed.html", "hosting/nginx.conf", "hosting/apache.conf",
            "models/student_int8.slr", "models/dictionary.example.json"} <= names
    assert not [name for name in names if Path(name).name.startswith(".")]
    example = json.loads((public / "models/dictionary.example.json").read_text("utf-8"))
    assert list(example) == GLOSSES

def test_every_host_is_told_the_same(public):
    from slr_tiny.cli.pages import HOSTS, site_headers
    for name in HOSTS:
        text = (public / name).read_text()
        for value in site_headers(["https://dictionary.example"]).values(): assert value in text

class Silent(SimpleHTTPRequestHandler):
    "Python's own server: no headers of ours, as a host that lets nobody set any"
    def log_message(self, *_): pass

@pytest.fixture
def plain_host(public):
    "The site behind a host that sends no headers"
    handler = partial(Silent, directory=str(public))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try: yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()

FETCH = "url => fetch(url).then(() => 'answered', error => String(error))"

def test_the_site_keeps_its_policy_where_the_host_sends_none(plain_host):
    "The page opens with its model, and fetches from nowhere else"
    from slr_tiny.web.browser import Tab
    tab = Tab(plain_host, "index.html")
    try:
        tab.wait("!document.getElementById('video-file').disabled")
        assert tab.evaluate("document.querySelector('meta[http-equiv]').content.includes('self')")
        assert tab.evaluate(FETCH, f"{plain_host}/models/student_int8.slr") == "answered"
        assert "TypeError" in tab.evaluate(FETCH, "http://127.0.0.1:9/elsewhere")
        assert (tab.errors, [url for url in tab.outside if ":9/" not in url]) == ([], [])
    finally: tab.close()

def test_another_page_may_show_it(plain_host):
    "Ten lines of the operator's own"
    from slr_tiny.web.browser import Tab
    tab = Tab(plain_host, "embed.html")
    try:
        inside = "document.querySelector('iframe').contentDocument?.getElementById('video-file')"
        tab.wait(f"{inside} && !{inside}.disabled")
        assert (tab.errors, tab.outside) == ([], [])
    finally: tab.close()

def test_readme_of_the_pages_names_true_files():
    "What web_demo/README.md puts in backticks with a slash or an ending is there"
    text = (ROOT / "web_demo/README.md").read_text()
    named = set(re.findall(r"`((?:src|public)/[\w./-]+|[\w-]+\.html)`", text))
    site = {"embed.html"}
    gone = [name for name in named - site if not (ROOT / "web_demo" / name).exists()]
    assert (sorted(gone), bool(named)) == ([], True)
