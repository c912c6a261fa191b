"""Model files of both kinds in the demo page, in one Chromium: ours come first and fetch no other
runtime, both give the same glosses and say that they are not sure, and a damaged file changes
nothing. The score of a clip has the same bits in numpy, in C and in the three builds."""
import dataclasses
import json
import zlib

import numpy as np
import onnx
import pytest
import torch
from slr_tiny.datasets.avatar import animate, load_lexicon, load_signers
from slr_tiny.datasets.rendering import render_clip
from slr_tiny.deploy.packing import pack
from slr_tiny.deploy.recognizer import awkward_clip, export
from slr_tiny.deploy.reference import HostRuntime, answer_steps, compile_host
from slr_tiny.deploy.runners import open_runner
from slr_tiny.models.frame_features import FrameFeatureCNN
from slr_tiny.pose.landmarker import landmarker_name
from slr_tiny.pose.light_networks import served_networks
from slr_tiny.training.unknown_signs import RelativeMahalanobis, WithScore
from slr_tiny.web.browser import landmarks_text, open_page
from slr_tiny.web.server import page_folder

GLOSSES = ["up", "down", "sideways"]
LEAST = {"sure": -1e9, "unsure": 1e9}  # of the score, for a clip to be believed
STATUS = "document.getElementById('status').textContent"
ABOUT = "document.getElementById('model-about').textContent"

def scored():
    "A student with random weights, and a score"
    torch.manual_seed(17)
    score = RelativeMahalanobis(3, 22)
    for part in score.buffers(): part.normal_()
    return WithScore(FrameFeatureCNN(3, channels=22), score).eval()

def with_notes(graph, path, **notes):
    "The same graph, saved with other notes: to export it again would take seconds"
    old = {pair.key: pair.value for pair in graph.metadata_props}
    onnx.helper.set_model_props(graph, old | {key: json.dumps(x) for key, x in notes.items()})
    onnx.save(graph, path)
    return path

@pytest.fixture(scope="module")
def files(tmp_path_factory):
    "The same model as .onnx and as .slr, with a working point that any clip, or none, reaches"
    folder, model, found = tmp_path_factory.mktemp("models"), scored(), {}
    engine = dict(engine=landmarker_name("lite"))
    graph = onnx.load(export(model, GLOSSES, folder / "graph.onnx", "raw", engine))
    for name, least in LEAST.items():
        point = dict(working_point=dict(score="mahalanobis", threshold=least))
        found[f"{name}.onnx"] = with_notes(graph, folder / f"{name}.onnx", **point)
        for form in ("fp32", "int8"):
            path = folder / f"{name}_{form}.slr"
            found[path.name] = pack(model, GLOSSES, path, "raw", engine | point, form)
    (folder / "student_int8.slr").write_bytes(found["sure_int8.slr"].read_bytes())
    return found

@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    "Six frames of a performance, as a video"
    signer, sign = list(load_signers().values())[2], list(load_lexicon().values())[2]
    motion = animate(sign, signer, np.random.default_rng(0))
    middle = slice(len(motion.points) // 3, len(motion.points) // 3 + 6)
    motion = dataclasses.replace(motion, points=motion.points[middle], head=motion.head[middle])
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    return render_clip(motion, signer, path, size=(160, 120))

class Visitor:
    "One Chromium, what it has asked for, and the page that it shows"
    def __init__(self, tab):
        self.tab, self.asked = tab, []
        tab.call(lambda: tab.page.on("request", lambda request: self.asked.append(request.url)))

    def show(self, name):
        if self.tab.page.url != f"{self.tab.address}/{name}":
            self.tab.call(self.tab.page.goto, f"{self.tab.address}/{name}")
        if name == "index.html":
            self.tab.call(self.tab.page.wait_for_selector, "#video-file:not([disabled])")
        return self.tab

    def choose(self, path):
        "A model file; what the page says then"
        self.tab.evaluate("document.getElementById('status').textContent = ''")
        self.tab.call(self.tab.page.set_input_files, "#model-file", str(path))
        self.tab.wait(f"{STATUS} && !{STATUS}.startsWith('One moment')")
        return self.tab.evaluate(STATUS)

    def recognise(self, clip):
        "A video; what the page says then, and the first of its guesses"
        self.tab.call(self.tab.page.set_input_files, "#video-file", [])
        self.tab.call(self.tab.page.set_input_files, "#video-file", str(clip))
        self.tab.wait(f"/^(Recognised|Not sure|No person)/.test({STATUS})")
        guesses = "Array.from(document.querySelectorAll('#guesses li'), row => row.textContent)"
        return self.tab.evaluate(f"[{STATUS}, {guesses}]")

@pytest.fixture(scope="module")
def visitor(files):
    if not (page_folder() / "index.html").exists(): pytest.skip("the pages are not built")
    folders = {"/models": next(iter(files.values())).parent, "/engine": served_networks()}
    with open_page("runtime.html", folders) as tab:
        yield Visitor(tab)
        assert tab.errors == [] and tab.outside == []

def foreign(asked):
    "Requests for ONNX Runtime, whatever it is called"
    return [url for url in asked if "/ort/" in url or "ort.w" in url]

# ---- the demo page
# --------------------------------------------------------------------------------------------------

def test_the_model_comes_first(visitor, files):
    "Our module and our file; ONNX Runtime follows, for landmarks and for a model that needs it"
    tab = visitor.show("index.html")
    tab.wait("performance.getEntriesByType('resource').some(({ name }) => "
             "name.includes('landmarks.worker'))")
    places = [k for k, url in enumerate(visitor.asked) if "landmarks.worker" in url]
    first = visitor.asked[:places[0]]
    modules = [url for url in first if url.endswith(".wasm")]
    assert len(modules) == 1 and sum(url.endswith(".slr") for url in first) == 1
    assert foreign(first) == []
    assert tab.evaluate(ABOUT).startswith("student_int8.slr: 3 glosses")
    assert visitor.choose(files["sure_fp32.slr"]).startswith("Model loaded")
    assert visitor.choose(files["sure.onnx"]).startswith("Model loaded")

@pytest.mark.long
def test_both_kinds_give_the_same_glosses_and_doubts(visitor, files, clip):
    tab, said = visitor.show("index.html"), {}
    for name in ("sure.onnx", "sure_fp32.slr", "unsure.onnx", "unsure_fp32.slr"):
        assert visitor.choose(files[name]).startswith("Model loaded")
        said[name] = visitor.recognise(clip)
        doubt = tab.evaluate("document.getElementById('best').textContent") == "Not sure"
        assert doubt == said[name][0].startswith("Not sure") == name.startswith("unsure")
    for name in LEAST: assert said[f"{name}.onnx"][1] == said[f"{name}_fp32.slr"][1]
    assert said["sure_fp32.slr"][0].startswith("Recognised: ")

@pytest.mark.parametrize("kind", ["sure_fp32.slr", "sure.onnx"])
def test_a_damaged_file_keeps_the_old_model(visitor, files, tmp_path, kind):
    "One sentence that names the file and says what to do, for each damage"
    tab, whole = visitor.show("index.html"), files[kind].read_bytes()
    visitor.choose(files["unsure_int8.slr"])
    before, flipped = tab.evaluate(ABOUT), bytearray(whole)
    flipped[len(whole) // 2] ^= 255
    damages = {"cut": whole[:len(whole) // 2], "text": b"This is no model.", "empty": b""}
    if kind.endswith("slr"): damages |= {"flipped": bytes(flipped), "longer": whole + b"."}
    for damage, content in damages.items():
        path = tmp_path / f"{damage}{files[kind].suffix}"
        path.write_bytes(content)
        sentence = visitor.choose(path)
        assert path.name in sentence and "choose" in sentence, sentence
        assert tab.evaluate(f"[{ABOUT}, document.getElementById('status').className]") == [
            before, "error"]

def test_a_point_without_its_score_is_refused(visitor, files, tmp_path):
    "In both kinds"
    visitor.show("index.html")
    graph = onnx.load(files["sure.onnx"])
    del graph.graph.output[1]
    onnx.save(graph, tmp_path / "pointed.onnx")
    content = pack(scored().model, GLOSSES, tmp_path / "pointed.slr", "raw", dict(
        working_point=dict(score="probability", threshold=.5))).read_bytes()
    wrong = content.replace(b'"probability"', b'"mahalanobis"')
    check = zlib.crc32(wrong[16:]).to_bytes(4, "little")
    (tmp_path / "pointed.slr").write_bytes(wrong[:12] + check + wrong[16:])
    for name in ("pointed.onnx", "pointed.slr"):
        assert name in visitor.choose(tmp_path / name)

# ---- the score
# --------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("form", ["fp32", "int8"])
def test_scores_have_the_same_bits(visitor, files, tmp_path, form):
    "numpy, C on this computer, and the builds that this browser can run"
    path = files[f"sure_{form}.slr"]
    clips = [awkward_clip(frames) for frames in (1, 2, 16, 70, 151, 300)]
    expected = [answer_steps(path, clip) for clip in clips]
    library = compile_host(tmp_path)
    if library:
        host = HostRuntime(library, path.read_bytes())
        for clip, (probabilities, score) in zip(clips, expected):
            answer = host.answer(clip)
            assert (answer[0] == probabilities).all() and answer[1] == score
    tab = visitor.show("runtime.html")
    builds = tab.evaluate("slr.builds")
    for build in builds[builds.index(tab.evaluate("slr.best")):]:
        tab.evaluate("([url, build]) => slr.load('x', url, build)",
                     [f"./models/{path.name}", build])
        for clip, (_, score) in zip(clips, expected):
            said = tab.evaluate("text => slr.known('x', text)", landmarks_text(clip))
            if (form, build) == ("fp32", "relaxed"):  # its sums may be rounded once less
                assert said[1] and abs(said[0] - score) <= 1e-5 * abs(score)
            else: assert said == [float(score), True], build

def test_doubts_are_the_same_in_python(files):
    "Both kinds of files, and both working points"
    for name in LEAST:
        for clip in (awkward_clip(1), awkward_clip(70)):
            said = [open_runner(files[f"{name}{kind}"]).answer(clip)
                    for kind in (".onnx", "_fp32.slr")]
            assert np.abs(said[0][0] - said[1][0]).max() < 1e-5
            assert said[0][1] == said[1][1] == (name == "sure")

def test_a_closed_model_says_so(visitor):
    "And gives its memory back"
    tab = visitor.show("runtime.html")
    tab.evaluate("() => slr.load('one', './models/sure_int8.slr')")
    said = tab.evaluate("async text => { await slr.dispose('one'); "
                        "try { slr.predict('one', text); } catch (error) "
                        "{ return error.message; } }", landmarks_text(awkward_clip(3)))
    assert "one was closed" in said
