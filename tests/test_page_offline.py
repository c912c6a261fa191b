"""The demo page without a network: kept at the first visit, whole and once, by its newest version."""
import shutil

import pytest
from page_visitor import ABOUT, STATUS, Line, User, write_clip, write_models
from slr_tiny.pose.light_networks import served_networks
from slr_tiny.web.browser import Tab, _browser
from slr_tiny.web.server import page_folder, serve

PAGES = ["", "index.html", "index.html?x=1", "bench.html", "divergence.html", "weight.html",
         "runtime.html", "letters.html", "receipt.html"]

@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    if not (page_folder() / "index.html").exists(): pytest.skip("the pages are not built")
    return write_models(tmp_path_factory.mktemp("models"))

@pytest.fixture
def pages(tmp_path):
    "A copy of the built pages, which a test may change"
    def copy(name): return shutil.copytree(page_folder(), tmp_path / name)
    return copy

def places(folder, pages=None):
    return {"/": pages or page_folder(), "/models": folder, "/engine": served_networks()}

def test_everything_after_the_first_visit(folder, tmp_path):
    "Nobody has recognised anything, and the server is gone: every page opens, and a clip is known"
    clip = write_clip(tmp_path / "clip.mp4")
    Line.counts.clear()
    with serve(places(folder), Line) as address:
        tab = Tab(address, "", _browser())
        User(tab).open().kept()
    try:
        twice = {name: count for name, count in Line.counts.items() if count > 1}
        assert twice == {}
        user = User(tab)
        for name in PAGES:
            user.open(name, ready=False)
            assert "slr_tiny" in tab.evaluate("document.title"), name
        user.open()
        assert tab.evaluate(ABOUT).startswith("student_int8.slr: 3 glosses")
        assert user.videos(clip).startswith("Recognised")
        assert tab.outside == [] and tab.errors == []
    finally: tab.close()

def test_a_line_that_never_answers(folder):
    "The page is shown from what is kept, and does not wait for each file"
    with serve(places(folder), Line) as address:
        tab = Tab(address, "", _browser())
        try:
            user = User(tab).open()
            user.kept()
            Line.silent = lambda path: True
            for name in ("", "index.html?x=2"):
                user.open(name)
                assert user.status().startswith("Ready")
                print(name or "/", tab.evaluate("performance.now()"))
        finally:
            Line.silent = None
            tab.close()

KEPT = """async () => {
  const names = [];
  for (const place of await caches.keys())
    for (const { url } of await (await caches.open(place)).keys()) names.push(url);
  return names;
}"""

def test_files_of_an_older_version_are_forgotten(folder, pages):
    "After a new version was put on the server, nothing of the old one stays"
    site = pages("site")
    with serve(places(folder, site), Line) as address:
        tab = Tab(address, "", _browser())
        try:
            user = User(tab).open()
            user.kept()
            [old] = [path for path in (site / "assets").glob("es-*.js")]
            new = old.with_name("es-changed0.js")
            for path in [*site.glob("assets/*.js"), site / "offline.js"]:
                path.write_text(path.read_text().replace(old.name, new.name))
            old.rename(new)
            script = site / "offline.js"
            script.write_text(script.read_text().replace('const VERSION = "', 'const VERSION = "2'))
            assert any(name.endswith(old.name) for name in tab.evaluate(KEPT))
            user.open()
            tab.evaluate("navigator.serviceWorker.getRegistration().then(r => r.update())")
            tab.wait("(globalThis.looked = globalThis.looked || setInterval(async () => { "
                     "globalThis.names = await (" + KEPT + ")(); "
                     "document.title = names.length + ' ' + Date.now(); }, 200)) && "
                     f"globalThis.names?.some(name => name.endsWith('{new.name}')) && "
                     f"!globalThis.names.some(name => name.endsWith('{old.name}'))")
        finally: tab.close()

def test_installable():
    "A manifest with icons that lie beside it"
    import json
    manifest = json.loads((page_folder() / "manifest.webmanifest").read_text())
    assert manifest["start_url"] == "./index.html" and manifest["display"] == "standalone"
    for icon in manifest["icons"]: assert (page_folder() / icon["src"]).is_file()
    sizes = {icon["sizes"] for icon in manifest["icons"]}
    assert {"192x192", "512x512"} <= sizes
    assert 'rel="manifest"' in (page_folder() / "index.html").read_text()
    assert STATUS  # the page says when it is kept
