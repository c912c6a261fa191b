"""The demo page when something is wrong: models that never answer or are damaged, files that are no
videos, lines that break, and somebody who changes her mind. It says a sentence, and goes on."""
import re
import xml.sax.saxutils

import numpy as np
import onnx
import pytest
from conftest import sampled
from onnx import TensorProto, helper
from page_visitor import ABOUT, BEST, GLOSSES, IS_ERROR, STATUS, Line, User
from page_visitor import with_notes, write_clip, write_models
from slr_tiny.pose.light_networks import served_networks
from slr_tiny.web.browser import Tab, _browser, open_page
from slr_tiny.web.server import POLICY, page_folder, serve

@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_models(tmp_path_factory.mktemp("models"), ("slr", "onnx"))

@pytest.fixture(scope="module")
def clip(tmp_path_factory): return write_clip(tmp_path_factory.mktemp("clip") / "clip.mp4")

@pytest.fixture(scope="module")
def user(folder):
    if not (page_folder() / "index.html").exists(): pytest.skip("the pages are not built")
    with open_page("", {"/models": folder, "/engine": served_networks()}) as tab:
        yield User(tab)
        assert tab.errors == [] and tab.outside == []

# ---- models

def endless(path):
    "A model of half a kilobyte that counts to 10^15 before it answers"
    body = helper.make_graph(
        [helper.make_node("Identity", ["go"], ["on"]), helper.make_node("Add", ["x", "x"], ["y"])],
        "body", [helper.make_tensor_value_info("i", TensorProto.INT64, []),
                 helper.make_tensor_value_info("go", TensorProto.BOOL, []),
                 helper.make_tensor_value_info("x", TensorProto.FLOAT, [1])],
        [helper.make_tensor_value_info("on", TensorProto.BOOL, []),
         helper.make_tensor_value_info("y", TensorProto.FLOAT, [1])])
    nodes = [helper.make_node("Loop", ["times", "true", "start"], ["probabilities"], body=body)]
    known = [helper.make_tensor("times", TensorProto.INT64, [], [10 ** 15]),
             helper.make_tensor("true", TensorProto.BOOL, [], [True]),
             helper.make_tensor("start", TensorProto.FLOAT, [1], [0.])]
    graph = helper.make_graph(
        nodes, "endless", [helper.make_tensor_value_info("landmarks", TensorProto.FLOAT,
                                                         ["T", 75, 2])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, [1])], known)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    helper.set_model_props(model, {"glosses": '["a"]'})
    onnx.save(model, path)
    return path

def answering(path, numbers):
    "A model that gives the same numbers for every clip"
    graph = helper.make_graph(
        [helper.make_node("ReduceSum", ["landmarks"], ["sum"], keepdims=0),
         helper.make_node("Mul", ["sum", "zero"], ["nothing"]),
         helper.make_node("IsNaN", ["nothing"], ["lost"]),
         helper.make_node("Where", ["lost", "zero", "zero"], ["no"]),
         helper.make_node("Add", ["numbers", "no"], ["probabilities"])],
        "same", [helper.make_tensor_value_info("landmarks", TensorProto.FLOAT, ["T", 75, 2])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, [len(numbers)])],
        [helper.make_tensor("zero", TensorProto.FLOAT, [], [0.]),
         helper.make_tensor("numbers", TensorProto.FLOAT, [len(numbers)], numbers)])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    helper.set_model_props(model, {"glosses": '["a", "b"]'})
    onnx.save(model, path)
    return path

BAD_NOTES = {"a text": "up", "an object": '{"up": 0}', "numbers": "[1, 2, 3]",
             "fewer": '["up", "down"]', "no names": '["", "", ""]', "no JSON": "[1, "}
BAD_NUMBERS = {"NaN": [np.nan, np.nan], "infinite": [np.inf, 0.], "negative": [2., -1.],
               "logits": [3., 9.], "too many": [.2, .3, .5]}

@pytest.fixture(scope="module")
def damaged(folder, tmp_path_factory):
    "Model files that a page must refuse"
    place, whole = tmp_path_factory.mktemp("damaged"), folder / "whole.onnx"
    found = [with_notes(whole, place / f"notes {name}.onnx", glosses=notes)
             for name, notes in BAD_NOTES.items()]
    found += [answering(place / f"answers {name}.onnx", numbers)
              for name, numbers in BAD_NUMBERS.items()]
    content = whole.read_bytes()
    for name, part in {"empty": b"", "text": b"This is no model.",
                       "half": content[:len(content) // 2]}.items():
        for kind in ("onnx", "slr"):
            found.append(place / f"{name}.{kind}")
            found[-1].write_bytes(part)
    return found

def test_a_damaged_model_never_replaces_a_good_one(user, damaged, clip):
    "A sentence with its name, no answer beside it, and the model before still answers"
    user.open()
    assert user.videos(clip).startswith("Recognised")
    about, said = user.tab.evaluate(ABOUT), {}
    for path in damaged:
        sentence = said[path.name] = user.model(path)
        assert path.name in sentence and "choose" in sentence, sentence
        assert user.tab.evaluate(f"[{IS_ERROR}, {ABOUT}, {BEST}]") == [True, about, "–"]
    assert not [text for text in said.values() if re.search("abort|wasm|Error|undefined", text)]
    assert user.videos(clip).startswith("Recognised") and user.tab.evaluate(BEST) in GLOSSES

def test_a_model_that_never_answers_is_ended(user, tmp_path, clip):
    "The page stays awake, can be cancelled, and works afterwards"
    user.open()
    about, path = user.tab.evaluate(ABOUT), endless(tmp_path / "endless.onnx")
    assert path.stat().st_size < 600
    user.tab.call(user.tab.page.set_input_files, "#model-file", str(path))
    user.tab.wait("!document.getElementById('cancel').hidden")
    user.press("#cancel")
    assert user.wait() == "Cancelled." and user.tab.evaluate(ABOUT) == about
    sentence = user.model(path)
    assert "endless.onnx does not answer" in sentence and user.tab.evaluate(ABOUT) == about
    assert user.videos(clip).startswith("Recognised")

def test_an_answer_goes_with_its_model(user, folder, clip):
    user.open()
    assert user.videos(clip).startswith("Recognised")
    assert user.model(folder / "whole.onnx").startswith("Model loaded")
    assert user.tab.evaluate(f"[{BEST}, document.querySelectorAll('#guesses li').length]") == [
        "–", 0]

# ---- videos

@pytest.mark.parametrize("name, content, said", [
    ("empty.mp4", b"", "is empty"), ("text.mp4", b"This is no video.", "text"),
    ("photo.mp4", b"\x89PNG\r\n\x1a\n\0\0", "still image"), ("noise.webm", bytes(range(256)) * 9,
                                                         "convert it")])
def test_what_is_no_video_is_called_by_its_name(user, tmp_path, name, content, said):
    user.open()
    (tmp_path / name).write_bytes(content)
    sentence = user.videos(tmp_path / name)
    assert name in sentence and said in sentence and user.tab.evaluate(IS_ERROR)

def test_cancel_and_another_clip(user, tmp_path, clip):
    "A clip can be given up, and the next one is recognised"
    long = write_clip(tmp_path / "long.mp4", 5, 30)
    user.open()
    user.tab.call(user.tab.page.set_input_files, "#video-file", str(long))
    user.tab.wait("!document.getElementById('working').hidden")
    user.press("#cancel")
    assert user.wait() == "Cancelled."
    assert user.tab.evaluate("document.getElementById('working').hidden")
    assert user.videos(clip).startswith("Recognised")

def test_a_new_choice_takes_the_place_of_the_old_one(user, tmp_path, clip):
    long = write_clip(tmp_path / "long.mp4", 5, 30)
    user.open()
    user.tab.call(user.tab.page.set_input_files, "#video-file", str(long))
    user.tab.wait("!document.getElementById('working').hidden")
    assert user.videos(clip).startswith("Recognised")
    assert "6 frames" in user.tab.evaluate("document.getElementById('numbers').textContent")

def test_several_files(user, tmp_path, clip):
    "One that fails stops no other; the table says all, and no cell is a formula"
    (tmp_path / "=1+1.mp4").write_bytes(b"")
    other = write_clip(tmp_path / "other.mp4", 3)
    user.open()
    assert user.videos(clip, tmp_path / "=1+1.mp4", other) == "Done: 2 of 3 videos recognised."
    rows = user.tab.evaluate("Array.from(document.querySelectorAll('#rows tr'), r => r.innerText)")
    assert len(rows) == 3 and "is empty" in rows[1]
    def save():
        with user.tab.page.expect_download() as saved: user.tab.page.click("#save-rows")
        return saved.value.path().read_text()
    lines = user.tab.call(save).splitlines()
    assert len(lines) == 4 and lines[0].startswith('"file","sign","sure","top1","p1"')
    assert "seconds_landmarks" in lines[0] and lines[2].startswith("\"'=1+1.mp4\"")
    assert lines[1].startswith('"clip.mp4"') and len(lines[1].split(",")) == len(
        lines[0].split(","))

def test_one_landmarker_for_all_clips(user, clip):
    "Nothing is fetched again for a second clip, and no listener is added"
    user.open()
    asked = []
    assert user.videos(clip).startswith("Recognised")
    tools = user.tab.call(user.tab.page.context.new_cdp_session, user.tab.page)
    def listeners():
        user.tab.call(tools.send, "HeapProfiler.collectGarbage")
        metrics = user.tab.call(tools.send, "Performance.getMetrics")["metrics"]
        return {m["name"]: m["value"] for m in metrics}["JSEventListeners"]
    user.tab.call(tools.send, "Performance.enable")
    assert user.videos(clip).startswith("Recognised")
    before = listeners()
    user.tab.call(lambda: user.tab.page.on("request", lambda r: asked.append(r.url)))
    for _ in range(3): assert user.videos(clip).startswith("Recognised")
    assert [url for url in asked if not url.startswith("blob:")] == []
    assert listeners() <= before

# ---- the line

PARTS = { # what is silent, and when it is needed
    "/models/student_int8.slr": "start", "/assets/recognition.worker": "start",
    "/assets/relaxed": "start", "/assets/landmarks.worker": "clip", "/assets/decode": "clip",
    "/ort/ort-wasm-simd-threaded.wasm": "clip", "/ort/ort-wasm-simd-threaded.mjs": "clip",
    "/engine/light/hand_recrop.onnx": "clip"}

@pytest.mark.parametrize("part", sampled(PARTS, ["/models/student_int8.slr",
                                                 "/engine/light/hand_recrop.onnx"]))
def test_each_file_may_be_missing_in_turn(folder, clip, part):
    "A silent line gets a sentence and a button, and the button helps when the line is back"
    places = {"/": page_folder(), "/models": folder, "/engine": served_networks()}
    with serve(places, Line) as address:
        tab = Tab(address, "", _browser())
        try:
            # without the script that keeps the pages, as on the very first visit
            tab.call(tab.page.add_init_script,
                     "delete Navigator.prototype.serviceWorker; delete window.caches")
            user = User(tab)
            Line.silent = lambda path: path.startswith(part)
            user.open(ready=PARTS[part] == "clip")
            if PARTS[part] == "clip":
                tab.call(tab.page.set_input_files, "#video-file", str(clip))
            tab.wait(IS_ERROR)
            said = user.status()
            assert "check the network" in said and "…" not in said, said
            assert not tab.evaluate("document.getElementById('retry').hidden")
            Line.silent = None
            user.press("#retry")
            tab.wait(f"!{IS_ERROR} && /^(Ready|Recognised)/.test({STATUS})")
            assert tab.errors == [] and tab.outside == []
        finally:
            Line.silent = None
            tab.close()

def while_silent(folder, ending, expected):
    "A visit during which no asset of a kind comes, until something is true; the line is back then"
    with serve({"/": page_folder(), "/models": folder}, Line) as address:
        tab = Tab(address, "", _browser())
        try:
            Line.silent = lambda path: path.startswith("/assets/") and path.endswith(ending)
            tab.call(lambda: tab.page.goto(f"{address}/index.html", wait_until="commit"))
            tab.wait(expected)
            Line.silent = None
            User(tab).open()
        finally:
            Line.silent = None
            tab.close()

def test_the_program_itself_may_be_missing(folder):
    "The page says so, instead of loading for ever; and begins when the line is back"
    while_silent(folder, ".js", f"document.getElementById('status') && {IS_ERROR} && "
                                f"/check the network/.test({STATUS})")

def test_the_style_may_be_missing(folder):
    "The page is plain, and neither empty nor silent"
    while_silent(folder, ".css", "performance.getEntriesByName('first-paint').length && "
                                 f"document.getElementById('status') && {STATUS}")

# ---- rules

PAGES = ["index.html", "bench.html", "divergence.html", "runtime.html", "weight.html",
         "letters.html", "receipt.html"]

@pytest.mark.parametrize("name", PAGES)
def test_rules_are_in_every_page(name):
    "The same as the header of our server, for hosts that send none"
    text = xml.sax.saxutils.unescape((page_folder() / name).read_text(), {"&#39;": "'"})
    [policy] = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
    assert policy == POLICY.removesuffix("; frame-ancestors 'none'")
    assert '<meta name="referrer" content="no-referrer">' in text
    assert text.index("Content-Security-Policy") < text.index("<script")

@pytest.mark.parametrize("address, said", [
    ("index.html?model=https://example.org/m.slr", "own server"),
    ("index.html?model=//example.org/m.slr", "own server"),
    ("runtime.html?model=https://example.org/m.slr", "own server"),
    ("weight.html?model=https://example.org/m.onnx", "own server")])
def test_models_of_elsewhere_are_not_fetched(user, address, said):
    "Nothing is asked of another server, and a sentence says why"
    user.open(address, ready=False)
    user.tab.wait(IS_ERROR)
    assert said in user.status() and user.tab.outside == []

def test_a_model_in_the_address(user):
    user.open("index.html?model=./models/whole.onnx")
    assert user.tab.evaluate(ABOUT).startswith("whole.onnx: 3 glosses")
