"""What the demo page says: the same sentences in two languages, and its parts for everybody."""
import graphlib
import json
import re
from pathlib import Path

import pytest
from conftest import ROOT
from page_visitor import STATUS, User, write_clip, write_models
from slr_tiny.pose.light_networks import served_networks
from slr_tiny.web.browser import open_page
from slr_tiny.web.server import page_folder

SOURCES = ROOT / "web_demo/src/i18n"

def sentences(name):
    "Key to sentence, from a file of sentences"
    if not (SOURCES / name).exists(): pytest.skip("not a checkout")
    text = (SOURCES / name).read_text()
    parts = re.findall(r'^  (\w+):((?:\s*"(?:[^"\\]|\\.)*"(?:\s*\+)?)+)', text, re.M)
    return {key: "".join(json.loads(part) for part in re.findall(r'"(?:[^"\\]|\\.)*"', value))
            for key, value in parts}

def test_two_languages_say_the_same():
    "The same keys, and in each sentence the same gaps"
    english, spanish = sentences("en.ts"), sentences("es.ts")
    assert len(english) > 100 and list(english) == list(spanish)
    for key, sentence in english.items():
        gaps = [sorted(re.findall(r"\{\w+\}", text)) for text in (sentence, spanish[key])]
        assert gaps[0] == gaps[1], key

def test_every_word_of_the_page_is_in_the_list():
    "Elements name sentences that exist, and show the English ones before any script has run"
    english = sentences("en.ts")
    page = (ROOT / "web_demo/index.html").read_text()
    for key in re.findall(r'data-t(?:-label|-hint)?="(\w+)"', page): assert key in english, key
    for key, text in re.findall(r'data-t="(\w+)"[^>]*>([^<]*)<', page):
        assert text.strip() == english[key], key

@pytest.fixture(scope="module")
def user(tmp_path_factory):
    if not (page_folder() / "index.html").exists(): pytest.skip("the pages are not built")
    folder = write_models(tmp_path_factory.mktemp("models"))
    (folder / "dictionary.json").write_text(json.dumps({
        "up": {"word": "upwards", "link": "https://example.org/up", "image": "up.svg"},
        "down": {"word": "downwards", "link": "javascript:alert(1)", "image": "//example.org/a"},
        "sideways": {"word": "to the side", "video": 7}}))
    (folder / "up.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    with open_page("", {"/models": folder, "/engine": served_networks()}) as tab:
        yield User(tab)
        assert tab.errors == [] and tab.outside == []

def test_spanish(user, tmp_path):
    "The whole page, an answer, an error, and the choice is remembered"
    user.open()
    user.press("#speak-es")
    user.tab.wait("document.documentElement.lang === 'es'")
    assert user.status() == sentences("es.ts")["ready"]
    assert user.videos(write_clip(tmp_path / "clip.mp4")).startswith("Reconocida")
    (tmp_path / "empty.mp4").write_bytes(b"")
    assert user.videos(tmp_path / "empty.mp4") == "empty.mp4 está vacío: elige un vídeo."
    user.open()
    assert user.tab.evaluate("document.querySelector('h1').textContent").startswith("¿")
    user.press("#speak-en")
    user.tab.wait("document.documentElement.lang === 'en'")
    assert user.status() == sentences("en.ts")["ready"]

def test_the_dictionary(user, tmp_path):
    "Words in the place of glosses, an example, a link of the web; nothing of another server"
    user.open()
    user.tab.wait("document.querySelector('#glosses').innerText.includes('upwards') || "
                  "document.querySelector('#glosses').textContent.includes('upwards')")
    said = user.videos(write_clip(tmp_path / "clip.mp4"))
    assert re.match("Recognised: (upwards|downwards|to the side), ", said)
    for link in user.tab.evaluate("Array.from(document.querySelectorAll('#example a'), "
                                  "a => a.href)"):
        assert link.startswith("https://")

TEACH = "document.getElementById('own').open = true; document.getElementById('own-name').value = "

@pytest.mark.long
def test_a_sign_of_ones_own(user, tmp_path):
    "Three recordings teach it, it is kept, saved as a file, and deleted"
    clips = [write_clip(tmp_path / f"{k}.mp4", 2, frames) for k, frames in enumerate((5, 6, 7))]
    user.open()
    user.tab.evaluate(TEACH + "'mine'")
    assert user.choose("#own-files", *clips) == "mine is known from now on."
    user.open()
    assert user.videos(clips[1]) == "Recognised: mine, one of your own signs."
    def save():
        with user.tab.page.expect_download() as saved: user.tab.page.click("#own-save")
        return Path(saved.value.path()).read_text()
    user.tab.evaluate("document.getElementById('own').open = true")
    book = json.loads(user.tab.call(save))
    assert (book["format"], book["version"], book["numbers"]) == ("slr_tiny signs", 1, 48)
    [sign] = book["signs"]
    assert sign["gloss"] == "mine" and [len(row) for row in sign["recordings"]] == [48] * 3
    user.press("#own-list button")
    user.tab.wait("document.querySelectorAll('#own-list li').length === 0")
    assert not user.videos(clips[1]).startswith("Recognised: mine")

# ---- for everybody

def axe():
    "axe-core, of the npm packages with which the pages are built"
    path = ROOT / "web_demo/node_modules/axe-core/axe.min.js"
    if not path.exists(): pytest.skip("axe-core comes with the npm packages; run make web")
    return path.read_text()

BROKEN = ("axe.run(document, {resultTypes: ['violations']}).then(found => found.violations.map("
          "one => one.id + ': ' + one.nodes.map(node => node.target).join(' ')))")

@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_violations(user, tmp_path, scheme):
    "Before and after an answer, with an error, with all parts open, with a table"
    script, clip = axe(), write_clip(tmp_path / "clip.mp4")
    (tmp_path / "empty.mp4").write_bytes(b"")
    user.tab.call(lambda: user.tab.page.emulate_media(color_scheme=scheme))
    user.open()
    def look(): # as a tool of the browser: the page's own rules let no other script in
        return user.tab.evaluate(script + "\n;" + BROKEN)
    assert look() == []
    user.videos(clip)
    user.tab.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
    assert look() == []
    user.videos(clip, tmp_path / "empty.mp4")
    assert look() == []
    user.videos(tmp_path / "empty.mp4")
    assert look() == [] and user.tab.evaluate(f"Boolean({STATUS})")

@pytest.mark.parametrize("width", [320, 1280])
def test_no_part_is_cut_off(user, width):
    "Nothing has to be scrolled sideways, in either language"
    user.tab.call(lambda: user.tab.page.set_viewport_size(dict(width=width, height=800)))
    user.open()
    assert not user.is_cut_off(width)
    user.tab.call(lambda: user.tab.page.set_viewport_size(dict(width=1280, height=800)))

def test_no_sentence_is_kept_for_nothing():
    "Each key is used by the page or its programs"
    sources = [path for path in (ROOT / "web_demo/src").rglob("*.ts")
               if path.name not in ("en.ts", "es.ts")]
    text = "".join(path.read_text() for path in [*sources, *(ROOT / "web_demo").glob("*.html")])
    assert [key for key in sentences("en.ts") if f'"{key}"' not in text] == []

def test_modules_of_the_pages_import_in_no_circle():
    "Types aside; and nothing imports the program of a page"
    source, graph = ROOT / "web_demo/src", {}
    for path in source.rglob("*.ts"):
        named = re.findall(r'^(?:import|export)(?! type\b)[^;]*?"(\.[^"]+)"', path.read_text(), re.M)
        places = [(path.parent / f"{name}.ts").resolve() for name in named]
        graph[path] = [place for place in places if place.exists()]
    order = list(graphlib.TopologicalSorter(graph).static_order())
    assert source / "pages/demo/camera.ts" in graph and len(order) == len(graph)
    assert not {place for imported in graph.values() for place in imported
                if place.parent == source / "pages"}
