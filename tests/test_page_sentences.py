"""The demo page reads sentences: a long video or a camera becomes glosses with times, the same ones
in Python; files of them; and nothing of it is fetched, offered or broken where it is not wanted."""
import dataclasses
import re
from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from page_visitor import ABOUT, IS_ERROR, STATUS, Line, User, with_notes, with_slr_notes
from page_visitor import write_models
from slr_tiny.datasets.avatar import animate, load_lexicon, load_signers
from slr_tiny.datasets.rendering import render_clip
from slr_tiny.models.ctc import CTCConfig, StreamingCTC
from slr_tiny.pose.landmarker import landmarker_name
from slr_tiny.pose.light_networks import served_networks
from slr_tiny.training.decoding import write_webvtt
from slr_tiny.web.browser import Tab, _browser, open_page
from slr_tiny.web.server import page_folder, serve
from slr_tiny.web.stream_runtime import SlrStream, pack_stream
from slr_tiny.web.streaming import OnnxStream, export_stream
from slr_tiny.web.subtitles import StreamRules, read_in_page, read_recording
from test_page_words import BROKEN, axe

SIGNS = ["APART", 'a, "b"', "<c>&", "=1+1"]
MODEL, GRAPH = "continuous_int8.slr", "chosen.onnx"  # beside the page; for ONNX Runtime
ROWS = ("[...document.querySelectorAll('#segments tr')].map(row => "
        "[...row.children].map(cell => cell.textContent))")
SENTENCES = "document.querySelector('input[value=sentences]')"
OFFERED = "!document.getElementById('modes').hidden"

def networks(folder):
    "Untrained, and sure of what it says: ten times the weights in its last layer"
    torch.manual_seed(1)
    model = StreamingCTC(CTCConfig(num_glosses=len(SIGNS))).eval()
    with torch.no_grad(): model.classifier.weight.mul_(10)
    notes = StreamRules(12.5, .4, .1).notes | {"engine": landmarker_name("lite")}
    pack_stream(model, SIGNS, folder / MODEL, notes)
    export_stream(model, SIGNS, folder / GRAPH, notes)

def film(path, signs=3, frames=16, size=(192, 144)):
    "Several signs of the synthetic signer in one video, without pauses"
    signer, lexicon = list(load_signers().values())[1], list(load_lexicon().values())
    parts = [animate(lexicon[k], signer, np.random.default_rng(k)) for k in range(signs)]
    def joined(name):
        middles = [getattr(part, name) for part in parts]
        cut = [some[(len(some) - frames) // 2:][:frames] for some in middles]
        return np.concatenate(cut)
    motion = dataclasses.replace(parts[0], points=joined("points"), head=joined("head"))
    return render_clip(motion, signer, path, size=size)

@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    "The models of a run with sentences"
    if not (page_folder() / "index.html").exists(): pytest.skip("the pages are not built")
    folder = write_models(tmp_path_factory.mktemp("models"))
    networks(folder)
    return folder

@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    return Path(film(tmp_path_factory.mktemp("clip") / "three signs.mp4"))

class Reader(User):
    "Somebody who uses the second mode"
    def sentences(self):
        self.tab.wait(OFFERED)
        self.tab.evaluate(f"{SENTENCES}.click()")
        self.wait()
        return self

    def saved(self, button):
        "The file that a button saves: its name and its text"
        def press():
            with self.tab.page.expect_download() as waiting: self.tab.page.click(button)
            download = waiting.value
            with open(download.path(), encoding="utf-8", newline="") as file:
                return download.suggested_filename, file.read()
        return self.tab.call(press)

@pytest.fixture(scope="module")
def user(folder):
    with open_page("", {"/models": folder, "/engine": served_networks()}) as tab:
        yield Reader(tab)
        assert tab.errors == [] and tab.outside == []

# ---- the same glosses as Python

def signing(frames=80):
    "Landmarks of somebody who moves at random"
    rng = np.random.default_rng(3)
    points = rng.uniform(.3, .7, (1, 75, 2)) + .05 * rng.normal(size=(frames, 75, 2)).cumsum(0) / 9
    return points.astype(np.float32)

def uneven(frames, rate, seed):
    "Times of frames, each up to a half too early or too late; a second is missing in the middle"
    rng = np.random.default_rng(seed)
    times = (np.arange(frames) + rng.uniform(-.4, .4, frames)) / rate
    return np.where(np.arange(frames) < frames // 2, times, times + 1.5) - times[0]

def told(segments): return [(one.gloss, one.start, one.end) for one in segments]

@pytest.mark.parametrize("rate, delay, kind", [(25., 0., SlrStream), (9., .1, SlrStream),
                                               (60., .7, SlrStream), (9., .1, OnnxStream)])
def test_the_page_reads_what_python_reads(folder, tmp_path, rate, delay, kind):
    "The same glosses at the same times, at any rate, with holes and a gap, on either runtime"
    if kind is SlrStream:
        path = with_slr_notes(folder / MODEL, tmp_path / "a.slr", delay_seconds=delay)
    else: path = with_notes(folder / GRAPH, tmp_path / "a.onnx", delay_seconds=delay)
    points = signing()
    points[20:24, 33:54] = np.nan
    points[50:53] = np.nan
    times = uneven(len(points), rate, 5)
    expected = read_recording(kind(path), points, times)
    shown, vtt, elan = read_in_page(path, points, times)
    assert told(shown) == told(expected) and len(expected) > 1
    assert vtt.count("-->") == len(expected) == len(pd.read_csv(StringIO(elan)))

@pytest.mark.parametrize("change", ["nobody", "no hands"])
def test_nobody_signs(folder, change):
    "Not a single gloss, whatever the network would say"
    points = signing()
    if change == "nobody": points[:] = np.nan
    else: points[:, 33:] = np.nan
    times = np.arange(len(points)) / 12.5
    assert read_in_page(folder / MODEL, points, times)[0] == []
    assert read_recording(SlrStream(folder / MODEL), points, times) == []

def cues(text):
    "Start, end and gloss of each cue of a WebVTT file, as its standard has it"
    head, *blocks = text.rstrip("\n").split("\n\n")
    assert head == "WEBVTT"
    found = []
    for block in blocks:
        times, gloss = block.split("\n")
        pattern = r"(\d\d+):([0-5]\d):([0-5]\d)\.(\d{3})"
        one = re.fullmatch(f"{pattern} --> {pattern}", times)
        hours = [int(part) for part in one.groups()]
        start, end = (3600000 * h + 60000 * m + 1000 * s + ms
                      for h, m, s, ms in (hours[:4], hours[4:]))
        assert start < end and not re.search(r"<|>|&(?!amp;|lt;|gt;)", gloss)
        for mark, plain in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
            gloss = gloss.replace(mark, plain)
        found.append((start, end, gloss))
    return found

SEEN = """url => slr.video({url, engine: "keypoints", body: "lite", light: true, start: "prior"})"""

@pytest.mark.long
def test_a_video_is_read_as_python_reads_its_landmarks(user, folder, clip):
    "The landmarks of the page's own engine, read in Python, give the very file that the page saves"
    user.open().sentences()
    user.videos(clip)
    with open_page("divergence.html", {"/clips": clip.parent, "/engine": served_networks()}) as tab:
        seen = tab.evaluate(SEEN, f"./clips/{clip.name}")
    points = np.array([[point or [np.nan] * 2 for point in frame] for frame in seen["landmarks"]])
    expected = read_recording(SlrStream(folder / MODEL), points, seen["times"])
    path = write_webvtt(expected, clip.with_suffix(".vtt"))
    assert expected and user.saved("#save-vtt")[1] == path.read_text("utf-8")

@pytest.mark.long
def test_a_video(user, folder, clip):
    "Glosses with times appear as subtitles and rows; both files say the same"
    user.open().sentences()
    assert user.status().startswith("Ready for sentences")
    assert user.videos(clip).startswith("Done: ")
    rows = user.tab.evaluate(ROWS)
    assert rows and {row[0] for row in rows} <= set(SIGNS)
    assert user.tab.evaluate("document.getElementById('caption').textContent") == " ".join(
        row[0] for row in rows[-4:])
    name, vtt = user.saved("#save-vtt")
    assert name == "three signs.vtt"
    name, elan = user.saved("#save-elan")
    assert name == "three signs.csv"
    table = pd.read_csv(StringIO(elan))
    assert list(table.columns) == ["tier", "begin ms", "end ms", "annotation"]
    assert cues(vtt) == list(zip(table["begin ms"], table["end ms"], table["annotation"]))
    assert list(table["annotation"]) == [row[0] for row in rows]
    ends = table["end ms"]
    assert ends.is_monotonic_increasing and ends.max() <= 1000 * 48 / 25
    said = user.tab.evaluate("document.getElementById('sentence-news').textContent")
    assert said and user.tab.evaluate("document.querySelectorAll('[aria-live]').length") == 1

@pytest.mark.long
def test_cancel_keeps_what_was_read(user, folder, tmp_path):
    "A long video is given up, its glosses stay, and the next video begins anew"
    long = film(tmp_path / "long.mp4", 14, 30)
    user.open().sentences()
    user.tab.call(user.tab.page.set_input_files, "#video-file", str(long))
    user.tab.wait("document.querySelector('#segments tr')")
    user.press("#cancel")
    assert user.wait() == "Cancelled."
    kept = len(user.tab.evaluate(ROWS))
    assert kept and len(cues(user.saved("#save-vtt")[1])) == kept
    short = film(tmp_path / "short.mp4", 1, 8)
    assert user.videos(short).startswith("Done")
    rows = user.tab.evaluate(ROWS)
    ends = [end for _, end, _ in cues(user.saved("#save-vtt")[1])] if rows else []
    assert len(ends) == len(rows) and all(end <= 1000 for end in ends)
    assert not user.tab.evaluate("document.getElementById('video-file').multiple")

# ---- offered, fetched, refused

def test_without_a_network_there_is_one_mode(tmp_path):
    "The choice is not shown"
    if not (page_folder() / "index.html").exists(): pytest.skip("the pages are not built")
    with open_page("", {"/models": write_models(tmp_path), "/engine": served_networks()}) as tab:
        user = Reader(tab).open()
        user.kept()
        assert not tab.evaluate(OFFERED) and (tab.errors, tab.outside) == ([], [])

def test_nothing_is_fetched_before_it_is_chosen(folder):
    "A first visit asks whether the file is there; its bytes come with the mode, once"
    Line.counts.clear()
    asked = []
    with serve({"/": page_folder(), "/models": folder, "/engine": served_networks()},
               Line) as address:
        tab = Tab(address, "", _browser())
        try:
            tab.page.on("request", lambda one: asked.append((one.method, one.url)))
            user = Reader(tab).open()
            user.kept()
            tab.wait(OFFERED)
            assert [kind for kind, url in asked if url.endswith(MODEL)] == ["HEAD"]
            user.sentences()
            assert f"{MODEL}: {len(SIGNS)} glosses" in tab.evaluate(ABOUT)
        finally: tab.close()

@pytest.mark.long
def test_without_a_network_line_after_it_was_used_once(folder, clip):
    "The server is gone, and the mode works"
    with serve({"/": page_folder(), "/models": folder, "/engine": served_networks()},
               Line) as address:
        tab = Tab(address, "", _browser())
        user = Reader(tab).open()
        user.kept()
        assert user.sentences().videos(clip).startswith("Done")
        rows = tab.evaluate(ROWS)
    try:
        user.open().sentences()
        assert user.videos(clip).startswith("Done") and tab.evaluate(ROWS) == rows
        assert (tab.errors, tab.outside) == ([], [])
    finally: tab.close()

POINT = {"score": "probability", "threshold": .5, "frames_per_second": 12.5}
WRONG = {"no rate": dict(working_point={**POINT, "frames_per_second": 0}),
         "no point": dict(working_point="0.5"), "no states": dict(states=[]),
         "huge states": dict(states=[[1 << 30, 1 << 30], [1]]), "no stride": dict(stride=3),
         "other states": dict(states=[[1, 4, 111], [1]]), "no glosses": dict(glosses=[]),
         "fewer glosses": dict(glosses=["A"]), "other points": dict(preprocess="ours"),
         "late": dict(delay_seconds="soon"), "frames": dict(frames=16)}

def test_a_wrong_network_never_replaces_a_good_one(user, folder, tmp_path):
    "One sentence with the name of the file; the network before stays"
    user.open().sentences()
    about, said = user.tab.evaluate(ABOUT), {}
    graph, ours = folder / GRAPH, folder / MODEL
    paths = [with_notes(graph, tmp_path / f"{name}.onnx", **notes)
             for name, notes in WRONG.items()]
    paths += [with_slr_notes(ours, tmp_path / f"{name}.slr", **notes)
              for name, notes in WRONG.items() if "states" not in name]
    for name, content in {"empty": b"", "text": b"no model", "half": graph.read_bytes()[:60000],
                          "half of ours": ours.read_bytes()[:60000],
                          "signs": (folder / "student_int8.slr").read_bytes()}.items():
        paths.append(tmp_path / f"{name}.onnx")
        paths[-1].write_bytes(content)
    for path in paths:
        said[path.name] = user.model(path)
        assert path.name in said[path.name] and user.tab.evaluate(IS_ERROR), said
        assert user.tab.evaluate(ABOUT) == about
    assert not [text for text in said.values() if re.search("abort|wasm|Error|undefined", text)]

def test_a_graph_for_onnx_runtime_can_be_chosen(user, folder):
    "Its runtime is fetched then, and said"
    user.open().sentences()
    user.model(folder / GRAPH)
    assert "ONNX Runtime" in user.tab.evaluate(ABOUT) and GRAPH in user.tab.evaluate(ABOUT)
    assert not user.tab.evaluate(IS_ERROR)

def test_a_network_for_sentences_is_no_model_of_a_sign(user, folder):
    "The other mode says where it belongs, and keeps its model"
    about = user.open().tab.evaluate(ABOUT)
    said = user.model(folder / MODEL)
    assert MODEL in said and "Sentences" in said and user.tab.evaluate(ABOUT) == about

@pytest.mark.long
def test_a_damaged_network_leaves_the_other_mode(folder, tmp_path, clip):
    "A sentence, the choice goes back, and one sign is recognised as before"
    write_models(tmp_path)
    (tmp_path / MODEL).write_bytes((folder / MODEL).read_bytes()[:50000])
    with open_page("", {"/models": tmp_path, "/engine": served_networks()}) as tab:
        user = Reader(tab).open().sentences()
        assert MODEL in user.status() and tab.evaluate(IS_ERROR)
        assert not tab.evaluate(f"{SENTENCES}.checked")
        assert not tab.evaluate("document.getElementById('result').offsetParent === null")
        assert user.videos(clip).startswith("Recognised")
        assert (tab.errors, tab.outside) == ([], [])

# ---- for everybody

def test_words_of_the_mode(user):
    "Both languages, and back to the first mode"
    user.open().sentences()
    title = "document.querySelector('h1').textContent"
    assert user.tab.evaluate(title) == "What is being signed?"
    user.press("#speak-es")
    user.tab.wait("document.documentElement.lang === 'es'")
    assert user.tab.evaluate(title).startswith("¿Qué se está")
    assert user.tab.evaluate("document.getElementById('save-vtt').textContent") == (
        "Subtítulos (.vtt)")
    user.press("#speak-en")
    user.tab.wait("document.documentElement.lang === 'en'")
    user.tab.evaluate("document.querySelector('input[value=sign]').click()")
    user.tab.wait(f"/^Ready: /.test({STATUS})")
    assert user.tab.evaluate(title) == "Which sign is this?"
    assert user.tab.evaluate("document.getElementById('sentences').hidden")

@pytest.mark.parametrize("width", [320, 1280])
def test_no_part_is_cut_off(user, width):
    user.tab.call(lambda: user.tab.page.set_viewport_size(dict(width=width, height=800)))
    user.open().sentences()
    assert not user.is_cut_off(width)
    user.tab.call(lambda: user.tab.page.set_viewport_size(dict(width=1280, height=800)))

@pytest.mark.long
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_violations(user, clip, scheme):
    "Before and after a video, with an error"
    script = axe()
    user.tab.call(lambda: user.tab.page.emulate_media(color_scheme=scheme))
    user.open().sentences()
    def look(): return user.tab.evaluate(script + "\n;" + BROKEN)
    assert look() == []
    user.videos(clip)
    user.tab.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
    assert look() == []
    user.videos(Path(__file__))
    assert look() == [] and user.tab.evaluate(IS_ERROR)
