"""The page of the receipt in Chromium: it computes what numpy does, clip by clip; each kind of damage
ends in a sentence that names the file; and the receipt that it saves can be checked."""
import hashlib
import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st
from page_visitor import IS_ERROR, STATUS
from slr_tiny.datasets.synthetic import procedural_table
from slr_tiny.deploy.packing import pack
from slr_tiny.models.frame_features import FrameFeatureCNN
from slr_tiny.web.browser import open_page
from slr_tiny.web.receipt import is_whole, pack_clips, read_note, seal_note, unpack_clips
from slr_tiny.web.receipt import write_receipt
from slr_tiny.web.server import page_folder
from test_page_words import axe, BROKEN, sentences

GLOSSES = ["CLOSE", "OPEN", "SUNRISE"]
NOTES = dict(engine="synthetic", training=dict(left_out="eve"))

@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    "Two models of random weights, with a receipt"
    if not (page_folder() / "receipt.html").exists(): pytest.skip("the pages are not built")
    folder = tmp_path_factory.mktemp("models")
    models = []
    for seed, name in enumerate(["student_int8.slr", "other.slr"]):
        torch.manual_seed(seed)
        models.append(pack(FrameFeatureCNN(3).eval(), GLOSSES, folder / name, "raw", NOTES))
    table = procedural_table(signs=GLOSSES, signers=["eve"], repetitions=1)
    write_receipt(models, table, "procedural", "Apache-2.0")
    return folder

@pytest.fixture(scope="module")
def tab(folder):
    with open_page("receipt.html", {"/models": folder}) as tab:
        yield tab
        assert tab.outside == [] and tab.errors == []

def press(tab, address="", before=""):
    "What the page says in the end, and what came out"
    tab.call(tab.page.goto, f"{tab.address}/receipt.html{address}")
    tab.evaluate("receipt.ready")
    if before: tab.evaluate(before)
    tab.call(tab.page.click, "#recompute")
    tab.wait(f"document.getElementById('cancel').hidden && (receipt.outcome || {IS_ERROR} || "
             f"{STATUS} === 'Cancelled.')")
    return tab.evaluate(f"[{STATUS}, receipt.outcome ?? null, {IS_ERROR}]")

def test_the_page_answers_as_numpy(tab, folder):
    said, outcome, wrong = press(tab)
    expected = read_note(folder / "receipt.json")["models"]
    assert [model["answers"] for model in outcome["models"]] == [m["answers"] for m in expected]
    assert [model["right"] for model in outcome["models"]] == [m["right"] for m in expected]
    assert [model["differing"] for model in outcome["models"]] == [0, 0]
    assert said.startswith(f"As expected: {expected[0]['right']} of 3 clips") and not wrong
    rows = tab.evaluate("Array.from(document.querySelectorAll('#rows tr'), row => "
                        "Array.from(row.children, cell => cell.textContent))")
    for (name, right, wanted, differing), model in zip(rows, expected):
        assert (name, wanted, differing) == (model["file"], str(model["right"]), "0")
        assert right.startswith(f"{model['right']} / 3")

def test_the_saved_receipt_can_be_checked(tab, folder):
    "Its last line is the hash of the text above; it names every file by its hash"
    outcome = press(tab)[1]
    def save():
        with tab.page.expect_download() as saved: tab.page.click("#save")
        return Path(saved.value.path()).read_bytes()
    text = tab.call(save)
    *above, last = text.decode().splitlines(keepends=True)
    digest = hashlib.sha256("".join(above).encode()).hexdigest()
    assert last == f"sha256 of the text above: {digest}\n"
    assert text.decode() == outcome["text"] and is_whole(text.decode())
    for path in folder.iterdir():
        if path.is_file(): assert hashlib.sha256(path.read_bytes()).hexdigest() in text.decode()
    for part in ("result: as expected", "build ", tab.evaluate("navigator.userAgent"), "eve"):
        assert part in text.decode()

# ---- what is damaged, missing, or does not fit

def flip(name, place):
    "A byte of a file is another one; `place` from 0 to 1, or negative from the end"
    def damage(folder):
        content = bytearray((folder / name).read_bytes())
        content[int(place * len(content)) if place >= 0 else place] ^= 1
        (folder / name).write_bytes(content)
    return damage

def write(name, content):
    return lambda folder: (folder / name).write_bytes(content)

def remove(name):
    return lambda folder: (folder / name).unlink()

def change(edit, seal=True):
    "Another note, with a seal that fits it or with the old one"
    def damage(folder):
        path = folder / "receipt.json"
        note = json.loads(path.read_text("utf-8"))
        old = note.pop("sha256")
        edit(note)
        content = seal_note(note)
        if not seal: content = re.sub(rb"[0-9a-f]{64}(?=\"\n}\n$)", old.encode(), content)
        path.write_bytes(content)
    return damage

def entry(key, value): return change(lambda note: note.update({key: value}))
def of_model(**values): return change(lambda note: note["models"][0].update(values))

def other_file(name, edit):
    "A file that was changed, and a note that knows its new hash"
    def damage(folder):
        content = edit((folder / name).read_bytes())
        (folder / name).write_bytes(content)
        about = dict(bytes=len(content), sha256=hashlib.sha256(content).hexdigest())
        def tell(note):
            named = next(x for x in [note["data"], *note["models"]] if x["file"] == name)
            named.update(about)
        change(tell)(folder)
    return damage

def at(place, value): return lambda content: content[:place] + value + content[place + 1:]

DATA, MODEL, NOTE = "receipt.bin", "student_int8.slr", "receipt.json"
DAMAGES = {
    "data flipped": (flip(DATA, .5), f"{DATA} is not the file"),
    "data cut": (write(DATA, b"\x89REC"), f"{DATA} is not the file"),
    "model flipped": (flip(MODEL, .5), f"{MODEL} is not the file"),
    "second model flipped": (flip("other.slr", -1), "other.slr is not the file"),
    "model of another run": (lambda f: shutil.copy(f / "other.slr", f / MODEL), "is not the file"),
    "note flipped": (flip(NOTE, .4), f"{NOTE} is damaged"),
    "note's seal flipped": (flip(NOTE, -8), f"{NOTE} is damaged"),
    "note's end flipped": (flip(NOTE, -1), f"{NOTE} is damaged"),
    "note of text": (write(NOTE, b"no note"), f"{NOTE} is damaged"),
    "note of nothing": (write(NOTE, b""), f"{NOTE} is damaged"),
    "note of null": (write(NOTE, b"null"), f"{NOTE} is damaged"),
    "no note": (remove(NOTE), f"{NOTE} does not lie beside"),
    "no data": (remove(DATA), f"{DATA} does not lie beside"),
    "no model": (remove(MODEL), f"{MODEL} does not lie beside"),
    "other version": (entry("version", 2), f"{NOTE} has version 2"),
    "other kind": (entry("slr_tiny", "signs"), f"{NOTE} is damaged"),
    "old seal": (change(lambda n: n.update(set="x"), False), f"{NOTE} is damaged"),
    "other version of data": (other_file(DATA, at(8, b"\2")), f"{DATA} has version 2"),
    "other data": (other_file(DATA, lambda content: b"x" * 500), f"{DATA} is damaged"),
    "less data": (other_file(DATA, lambda content: content[:-300]), f"{DATA} is damaged"),
    "other steps": (other_file(DATA, at(24, b"\3")), f"{DATA} is damaged"),
    "text for a model": (other_file(MODEL, lambda content: b"x" * 500), f"{MODEL} is not a model"),
    "a place elsewhere": (of_model(file="../student_int8.slr"), f"{NOTE} is damaged"),
    "too few answers": (of_model(answers=[0]), f"{NOTE} is damaged"),
    "answers of words": (of_model(answers=["CLOSE"] * 3), f"{NOTE} is damaged"),
    "no models": (entry("models", []), f"{NOTE} is damaged"),
    "no truth": (entry("truth", None), f"{NOTE} is damaged"),
    "more glosses": (of_model(glosses=4), f"{MODEL} knows other glosses"),
    "unknown truth": (entry("truth", ["CLOSE", "OPEN", "RIVER"]), f"{MODEL} knows other glosses"),
}

@pytest.mark.parametrize("kind", DAMAGES)
def test_damage_is_named(tab, folder, kind):
    "One sentence, and no receipt"
    damage, said = DAMAGES[kind]
    place = folder / "damaged" / kind.replace(" ", "_").replace("'", "")
    shutil.copytree(folder, place, ignore=shutil.ignore_patterns("damaged"))
    damage(place)
    status, outcome, wrong = press(tab, f"?receipt=./models/damaged/{place.name}/receipt.json")
    assert said in status and wrong and outcome is None, status
    assert status.count(": ") == 1 and tab.evaluate("document.getElementById('outcome').hidden")

@pytest.mark.parametrize("key", ["right", "answers"])
def test_another_expectation_is_shown(tab, folder, key):
    "A wrong count, or one answer: the page says how many, and so does the receipt"
    place = folder / "damaged" / f"wrong_{key}"
    shutil.copytree(folder, place, ignore=shutil.ignore_patterns("damaged"))
    model = read_note(folder / NOTE)["models"][0]
    first, *others = model["answers"]
    value = {"right": model["right"] + 1, "answers": [(first + 1) % 3, *others]}[key]
    of_model(**{key: value})(place)
    status, outcome, wrong = press(tab, f"?receipt=./models/damaged/{place.name}/receipt.json")
    assert wrong and status.startswith(f"{MODEL} does not compute as expected")
    assert outcome["models"][0]["differing"] == (key == "answers")
    assert "result: NOT as expected" in outcome["text"] and is_whole(outcome["text"])
    assert tab.evaluate("document.querySelector('#rows tr').classList.contains('error')")
    assert not tab.evaluate("document.querySelectorAll('#rows tr')[1].classList.contains('error')")

def test_only_this_server(tab):
    said, outcome, wrong = press(tab, "?receipt=https://example.org/receipt.json")
    assert "own server only" in said and wrong and tab.outside == []

def test_a_page_that_is_not_served_securely(tab):
    "Browsers lend SHA-256 to secure pages alone"
    hide = "Object.defineProperty(crypto, 'subtle', {value: undefined})"
    said, outcome, wrong = press(tab, before=hide)
    assert "https" in said and wrong and outcome is None

@pytest.mark.parametrize("when", ["Fetching", "clip 1 of"])
def test_cancel(tab, when):
    "At once, while files come and while clips are answered; and the page works again"
    watch = ("new MutationObserver(() => { if (document.getElementById('count').textContent"
             f".includes({when!r})) document.getElementById('cancel').click(); }}).observe("
             "document.getElementById('count'), {childList: true})")
    said, outcome, wrong = press(tab, before=watch)
    assert (said, outcome) == ("Cancelled.", None)
    assert press(tab)[0].startswith("As expected")

# ---- for everybody

def test_every_word_is_in_the_list():
    english = sentences("en.ts")
    page = (ROOT / "web_demo/receipt.html").read_text()
    for key, text in re.findall(r'data-t="(\w+)"[^>]*>([^<]*)<', page):
        assert text.strip() == english[key], key

@pytest.mark.parametrize("width", [320, 1280])
def test_two_languages_and_two_widths(tab, width):
    "Nothing has to be scrolled sideways, not even the table, and the result is told again"
    tab.call(lambda: tab.page.set_viewport_size(dict(width=width, height=800)))
    press(tab)
    for language, said in (("es", "Como se esperaba"), ("en", "As expected")):
        tab.call(tab.page.click, f"#speak-{language}")
        tab.wait(f"document.documentElement.lang === '{language}'")
        assert tab.evaluate(STATUS).startswith(said)
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
        inside = "document.querySelector('.scroll')"
        assert tab.evaluate(f"{inside}.scrollWidth <= {inside}.clientWidth")
    tab.call(lambda: tab.page.set_viewport_size(dict(width=1280, height=800)))

def test_no_violations(tab):
    script = axe()
    press(tab)
    assert tab.evaluate(script + "\n;" + BROKEN) == []

# ---- the file of the clips

numbers = st.one_of(st.just(float("nan")), st.floats(-4, 4, width=32))
clip = st.integers(1, 3).flatmap(lambda frames: st.lists(
    numbers, min_size=4, max_size=4).map(lambda some: np.resize(np.float32(some), (frames, 75, 2))))

@given(st.lists(clip, min_size=1, max_size=4))
def test_clips_come_back(clips):
    "What is missing stays so, the rest is within half a step, and a second time is exact"
    back = unpack_clips(pack_clips(clips))
    assert [clip.shape for clip in back] == [clip.shape for clip in clips]
    for old, new in zip(clips, back):
        assert (np.isnan(old) == np.isnan(new)).all()
        assert np.nan_to_num(np.abs(new - old)).max() <= .5 / 4096
    assert pack_clips(back) == pack_clips(clips)
