"""One landmarker in two languages: the converted networks are the packages' networks, the
arithmetic agrees on shared examples, and both
halves find the same landmarks on the same frames.

`python tests/test_keypoints.py` writes the shared examples anew, from the Python half.
"""
import json
import re
from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest
from conftest import sampled
from hypothesis import given, strategies as st
from slr_tiny.pose import landmarker
from slr_tiny.web.browser import open_page
from slr_tiny.web.divergence import compare_landmarks, track_frames_in_page, pool_comparisons
from slr_tiny.deploy.recognizer import export
from slr_tiny.datasets.extraction import extract, find_clips
from slr_tiny.pose.landmarker import (
    ROI,
    track,
    hold_roi,
    roi_to_image,
    crop_roi,
    quantize_roi,
    roi_from_points,
)
from slr_tiny.pose.video import read_frames
from slr_tiny.pose.landmarks import LEFT, POSE
from slr_tiny.datasets.rendering import render_clip, render_frame
from slr_tiny.core import InputError
from slr_tiny.datasets.avatar import load_lexicon, load_signers, animate
from slr_tiny.pose.smoothing import OneEuro
from slr_tiny.models.spoter import SPOTER
from slr_tiny.pose.light_networks import served_networks
from slr_tiny.pose.tflite2onnx import NETWORKS, SPEC, engine_folder, find_tflite, reference

FILE = Path(__file__).with_name("keypoint_vectors.json")
BODIES = ["full", "lite"]

# ---- the networks
# --------------------------------------------------------------------------------------------------

def signing(seed=0):
    "A synthetic performance and its signer"
    signers = list(load_signers().values())
    lexicon = list(load_lexicon().values())
    signer = signers[seed % len(signers)]
    return animate(lexicon[seed % len(lexicon)], signer, np.random.default_rng(seed)), signer

@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("content", ["noise", "signer", "black"])
def test_conversion(name, content):
    "ONNX Runtime computes what MediaPipe's own interpreter computes"
    try: path = find_tflite(name)
    except InputError as error: pytest.skip(str(error))
    rule, rng = NETWORKS[name], np.random.default_rng(1)
    size, (low, high) = rule["size"], rule["range"]
    if content == "noise": image = rng.integers(0, 256, (size, size, 3), np.uint8)
    elif content == "signer":
        image = render_frame(*signing()[:1], 12, signing()[1], (size, size), rng)
    else: image = np.zeros((size, size, 3), np.uint8)
    session = ort.InferenceSession(engine_folder([name]) / f"{name}.onnx",
                                   providers=["CPUExecutionProvider"])
    ours = session.run(list(rule["outputs"]),
                       {"image": (image[None] * np.float32((high - low) / 255)
                                    + low).astype(np.float32)})
    theirs = reference(path, image, rule["outputs"], (low, high))
    for output, found in zip(rule["outputs"], ours):
        assert np.abs(found.ravel() - theirs[output]).max() < 2e-4 * max(
            1, np.abs(theirs[output]).max()), output

def test_converted_files_are_ignored():
    "No network is ever committed"
    import subprocess
    run = subprocess.run(
        ["git", "check-ignore", "-q", str(engine_folder(["hand_recrop"]) / "hand_recrop.onnx")],
        cwd=Path(__file__).parent)
    assert run.returncode in (0, 128)     # 128: not a git clone

# ---- the arithmetic, shared examples
# -----------------------------------------------------------------------------------------

def in_python(name, given):
    "A function of the engine for an example: plain lists in, plain lists out"
    crop = lambda of: ROI(**of)
    plain = lambda found: (
        found._asdict()
        if isinstance(found, ROI)
        else None
        if found is None
        else np.asarray(found).tolist()
    )
    if name == "roi_to_image": return plain(roi_to_image([given[0]], crop(given[1]))[0])
    if name == "roi_from_points":
        return plain(roi_from_points(*map(np.array, given[:2]), **given[2]))
    if name == "quantize_roi": return plain(quantize_roi(crop(given[0]), given[1]))
    if name == "hold_roi":
        wish, kept, grid = given
        return plain(hold_roi(crop(wish), crop(kept) if kept else None, grid))
    if name == "roi_around_hand":
        points, rule = given
        return plain(landmarker.roi_around_hand(np.array(points), **rule))
    if name == "prior_roi": return plain(landmarker.prior_roi(*given))
    if name == "over_relax":
        before, found, step, limits = given
        return plain(landmarker.over_relax(crop(before), crop(found), step, limits))
    if name == "smooth":
        series, rule, scale = given
        euro = OneEuro(rule)
        return [plain(euro(values, scale)) for values in series]
    if name == "anchors": return plain(landmarker.anchors(*given))
    if name == "decode_detections":
        boxes, scores, places, size = given
        return plain(landmarker.decode_detections(np.reshape(boxes, (-1, 12)), scores,
                                                  np.array(places), size))
    if name == "refine_from_heatmap":
        points, heatmap, side, window, peak = given
        return plain(landmarker.refine_from_heatmap(points, np.reshape(heatmap, (side, side, -1)),
                                                    window, peak))
    if name == "interpolate_frames":
        looks, stride, frames = given
        found = landmarker.interpolate_frames(np.array(looks, float)[..., None], stride,
                                              frames)[..., 0]
        return np.where(np.isnan(found), None, found.astype(float)).tolist()
    frame, of, size, outside, (low, high) = given
    pixels = np.array(frame["data"], np.uint8).reshape(frame["height"], frame["width"], 4)[..., :3]
    return (crop_roi(pixels, crop(of), size, outside) * np.float32((high - low) / 255)
            + np.float32(low)).ravel().tolist()

def examples(seed=0):
    "Examples for every function, edges and corners among them"
    rng = np.random.default_rng(seed)
    number = lambda low, high: round(float(rng.uniform(low, high)), 3)
    point = lambda low=-.2, high=1.2: [number(low, high), number(low, high)]
    crop = lambda: dict(x=number(-20, 60), y=number(-20, 60), side=number(2, 90),
                        rotation=number(-3.2, 3.2))
    for _ in range(4):
        yield "roi_to_image", [point(), crop()]
        yield "roi_from_points", [point(0, 99), point(0, 99),
                                  dict(upright=int(rng.choice([90, -90, 0])), scale=number(.5, 3),
                                       shift=number(-.2, .2))]
        yield "quantize_roi", [crop(), SPEC["grid"]]
        yield "quantize_roi", [crop(), dict(sizes_per_octave=4, steps_per_side=32, degrees=5)]
        for outside in ("edge", "black"):
            frame = dict(width=7, height=5,
                         data=[int(v) if k % 4 < 3 else 255
                               for k, v in enumerate(rng.integers(0, 256, 7 * 5 * 4))])
            yield "crop_roi", [frame,
                               dict(x=number(0, 7), y=number(0, 5), side=number(1, 14),
                                    rotation=number(-3.2, 3.2)), 4, outside,
                               [[0, 1], [-1, 1]][rng.integers(2)]]
        places = [point(.3, .6) for _ in range(6)]
        boxes = [number(-20, 60) if k % 12 not in (2, 3) else number(30, 90) for k in range(72)]
        yield "decode_detections", [boxes, [number(-3, 3) for _ in places], places, 100]
        yield "refine_from_heatmap", [[point() for _ in range(3)],
                                      [number(-3, 3) for _ in range(8 * 8 * 3)], 8,
                                      int(rng.integers(1, 4)), .5]
    yield from steady_examples(number, crop)
    yield "interpolate_frames", [[[1., 2.], [3., None], [None, 6.]], 2, 7]
    yield "interpolate_frames", [[[1., None]], 3, 2]
    yield "decode_detections", [[0.] * 12, [-5.], [[.5, .5]], 100]     # nobody
    yield "roi_from_points", [[5, 5], [5, 5], dict(upright=90, scale=1.25)]     # no direction
    yield "refine_from_heatmap", [[[.5, .5]], [-9.] * 16, 4, 3, .5]     # too dark
    yield "anchors", [16, [dict(stride=8, each=2), dict(stride=16, each=1)]]
    yield from start_examples(number, crop)

def start_examples(number, crop):
    "Examples of how a person is found without the detector"
    for width, height in ((640, 360), (360, 640), (1, 1)):
        yield "prior_roi", [width, height, SPEC["start"]]
        yield "prior_roi", [width, height, dict(x=number(0, 1), y=number(0, 2), side=number(1, 3))]
    for step in (1, 1.8):
        for side in (2, 60, 4000):
            found = dict(crop(), side=side)
            yield "over_relax", [dict(crop(), side=60), found, step, SPEC["start"]["limits"]]

def steady_examples(number, crop):
    "Examples of what keeps landmarks calm: crops near a kept one and far from it, filtered series"
    grid = SPEC["grid"]
    for _ in range(4):
        wish = crop()
        kept = quantize_roi(ROI(**wish), grid)
        yield "hold_roi", [wish, None, grid]
        yield "hold_roi", [crop(), kept._asdict(), grid]
        for reach in (.4, .95, 1.05):
            near = kept._replace(x=kept.x + reach * kept.side / grid["steps_per_side"])
            yield "hold_roi", [near._asdict(), kept._asdict(), grid]
            near = kept._replace(rotation=kept.rotation
                                 + np.radians(reach * grid["degrees"]) - 2 * np.pi)
            yield "hold_roi", [near._asdict(), kept._asdict(), grid]
            near = kept._replace(side=kept.side * 2 ** (reach / grid["sizes_per_octave"]))
            yield "hold_roi", [near._asdict(), kept._asdict(), grid]
        hand = [[number(0, 99), number(0, 99)] for _ in range(21)]
        yield "roi_around_hand", [hand, SPEC["hand"]["again"]]
        series = [[number(-2, 2) for _ in range(3)] for _ in range(6)]
        yield "smooth", [series, SPEC["body"]["one_euro"], number(.01, 3)]
        slow = dict(frequency=25, min_cutoff=number(.1, 2), beta=number(0, 3), derivative_cutoff=2)
        yield "smooth", [series, slow, 1]

VECTORS = json.loads(FILE.read_text()) if FILE.exists() else []

def flat(answer):
    "The numbers of an answer, in a fixed order"
    if answer is None: return [None]
    if isinstance(answer, dict):
        return [number for key in sorted(answer) for number in flat(answer[key])]
    if isinstance(answer, list): return [number for part in answer for number in flat(part)]
    return [None if answer is not None and np.isnan(answer) else answer]

def same(a, b):
    a, b = flat(a), flat(b)
    return len(a) == len(b) and all(x == y if x is None or y is None
                                    else abs(x - y) <= 1e-6 * max(1, abs(y)) for x, y in zip(a, b))

def test_examples_cover_every_function():
    assert {name for name, *_ in VECTORS} == {
        "roi_to_image", "roi_from_points", "quantize_roi", "roi_around_hand", "hold_roi", "smooth",
        "anchors", "prior_roi", "over_relax",
        "decode_detections", "refine_from_heatmap", "crop_roi", "interpolate_frames"}

def test_examples_in_python():
    for name, asked, expected in VECTORS:
        assert same(in_python(name, asked), expected), (name, asked)

def test_examples_in_the_page():
    with open_page("divergence.html") as tab:
        for name, given, expected in VECTORS:
            call = [re.sub("_(.)", lambda letter: letter[1].upper(), name), given]
            assert same(tab.evaluate("([name, given]) => slr.compute(name, given)", call),
                        expected), (name, given)

# ---- properties
# --------------------------------------------------------------------------------------------------

number = st.floats(-500, 500, width=32)
crops = st.builds(ROI, number, number, st.floats(1, 2000), st.floats(-3.2, 3.2))

@given(crops)
def test_snap_is_near_and_stays(crop):
    snapped = quantize_roi(crop)
    assert np.allclose(quantize_roi(snapped), snapped, atol=1e-9)
    assert abs(np.log2(snapped.side / crop.side)) <= .5 / SPEC["grid"]["sizes_per_octave"] + 1e-9
    assert max(abs(snapped.x - crop.x),
               abs(snapped.y - crop.y)) <= .5 * snapped.side / SPEC["grid"]["steps_per_side"] + 1e-9

@given(crops, crops)
def test_hold_keeps_or_snaps(wish, kept):
    "The answer is the kept crop or the nearest one of the grid, never far from what was wished"
    kept, grid = quantize_roi(kept), SPEC["grid"]
    held = hold_roi(wish, kept)
    assert held in (kept, quantize_roi(wish))
    assert hold_roi(held, held) == held
    assert abs(np.log2(held.side / wish.side)) <= grid["reach"] / grid["sizes_per_octave"] + 1e-9
    reach = grid["reach"] * held.side / grid["steps_per_side"] + 1e-9
    assert max(abs(held.x - wish.x), abs(held.y - wish.y)) <= reach

@given(st.lists(st.floats(-9, 9), min_size=1, max_size=9), st.floats(.01, 9))
def test_one_euro_stays_between(values, scale):
    "The filter never leaves the range of what it has seen, and a resting value stays"
    euro = OneEuro(SPEC["body"]["one_euro"])
    for number, value in enumerate(values):
        found = float(euro(value, scale))
        seen = values[:number + 1]
        assert min(seen) - 1e-9 <= found <= max(seen) + 1e-9

@given(number, number, st.floats(1, 300), st.floats(-3, 3), st.floats(.5, 3))
def test_upright_stands(x, y, length, angle, scale):
    "In the crop, b lies straight above a"
    b = (x + length * np.cos(angle), y + length * np.sin(angle))
    crop = roi_from_points((x, y), b, 90, scale)
    above = roi_to_image([[.5, .5 - 1 / (2 * scale)]], crop)[0]
    assert np.allclose(above, b, atol=1e-3)
    assert -np.pi <= crop.rotation <= np.pi

@given(crops, st.integers(1, 9))
def test_sampling_of_one_colour(crop, size):
    "A frame of one colour has crops of that colour, wherever they lie"
    frame = np.full((6, 9, 3), (10, 200, 30), np.uint8)
    assert np.allclose(crop_roi(frame, crop, size), frame[0, 0], atol=1e-3)

@pytest.mark.parametrize("shape", [(2, 2), (1, 40), (720, 3), (48, 64)])
def test_empty_images(shape):
    "Nobody is there: everything is missing, nothing fails"
    for colour in (0, 128, 255):
        assert np.isnan(track([np.full((*shape, 3), colour, np.uint8)] * 2)).all()

def test_clip_order_does_not_matter():
    "A new engine for each clip: the landmarks of a clip do not depend on the clip before"
    motion, signer = signing(3)
    frames = [render_frame(motion, k, signer, (320, 240), np.random.default_rng(0))
              for k in (10, 11, 12)]
    first = track(frames)
    track(frames[::-1])
    assert np.array_equal(track(frames), first, equal_nan=True)

# ---- the same landmarks
# --------------------------------------------------------------------------------------------------

def agree(frames, size, body):
    "Distances of Python and the page, tracking on, pooled"
    theirs, _ = track_frames_in_page({"clip": frames}, engine="keypoints", body=body)["clip"]
    return pool_comparisons([compare_landmarks(track(frames, body), theirs, size)])

@pytest.mark.long
@pytest.mark.parametrize("body", sampled(BODIES, ["full"]))
def test_python_and_chromium_on_a_rendered_clip(tmp_path, body):
    try: find_tflite(f"pose_landmark_{body}")
    except InputError as error: pytest.skip(str(error))
    motion, signer = signing(5)
    render_clip(motion, signer, tmp_path / "clip.mp4")
    frames, _, size = read_frames(tmp_path / "clip.mp4")
    frames = list(frames)[:24]
    assert not np.isnan(track(frames, body)[:, POSE]).all()
    found = agree(frames, size, body)
    assert found["keypoints_mean"] <= .05 and found["hand_agreement"] == 1

@pytest.mark.long
def test_python_and_chromium_on_real_clips(real_data):
    clips = find_clips(real_data / "videos/ksl77")
    for name in sorted(clips)[::18]:
        frames, _, size = read_frames(clips[name])
        frames = list(frames)[:30]
        assert not np.isnan(track(frames)[:, LEFT.start:]).all()
        found = agree(frames, size, "full")
        assert found["keypoints_mean"] <= .05 and found["hand_agreement"] == 1, name

def test_extract_with_the_engine(tmp_path):
    "A table says which engine made it, and checkpoints of two engines do not mix"
    motion, signer = signing(5)
    (tmp_path / "clips").mkdir()
    render_clip(motion, signer, tmp_path / "clips" / "UP_ada_0.mp4", size=(160, 120))
    tables = {engine: extract(tmp_path / "clips", tmp_path / "table.parquet", workers=1,
                              progress=False, engine=engine)[0] for engine in ("legacy", "onnx")}
    assert [table.engine[0] for table in tables.values()] == ["mediapipe-holistic-0.10.21",
                                                              landmarker.landmarker_name()]
    assert len(list((tmp_path / "table.parquet.parts").glob("*.npz"))) == 2
    again, _ = extract(tmp_path / "clips", tmp_path / "table.parquet", workers=1, progress=False,
                       engine="onnx", body="full")
    assert np.array_equal(again.landmarks[0], tables["onnx"].landmarks[0], equal_nan=True)

# ---- the demo page
# --------------------------------------------------------------------------------------------------

@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """A folder with an untrained model that says it was trained on MediaPipe's landmarks, and one
    of the lite engine"""
    folder = tmp_path_factory.mktemp("models")
    engines = {"student_int8": "mediapipe-holistic-0.10.21",
               "lite": landmarker.landmarker_name("lite")}
    for name, engine in engines.items():
        export(SPOTER(2, layers=1, feedforward=32).eval(), ["up", "down"], folder / f"{name}.onnx",
               about=dict(engine=engine))
    return folder

def test_page_warns_of_another_engine(models):
    "The page says so where a model was trained on the landmarks of another tracker"
    with open_page("index.html", {"/models/": models}) as tab:
        text = "document.getElementById('engine-about').textContent"
        choose = (
            "value => { const box = document.getElementById('engine'); box.value = value; "
            "box.dispatchEvent(new Event('change')); }"
        )
        tab.call(tab.page.wait_for_selector, "#video-file:not([disabled])")
        assert "trained on landmarks of mediapipe-holistic-0.10.21" in tab.evaluate(text)
        tab.evaluate(choose, "holistic")
        assert tab.evaluate(text) == ""
        tab.call(tab.page.set_input_files, "#model-file", str(models / "lite.onnx"))
        tab.call(tab.page.wait_for_function,
                 "document.getElementById('model-about').textContent.startsWith('lite')")
        assert "trained on landmarks of slr-keypoints" in tab.evaluate(text)
        tab.evaluate(choose, "auto")
        assert tab.evaluate(text) == "" and tab.errors == []

@pytest.mark.long
def test_page_recognises_with_the_engine(models, tmp_path):
    "A video in the demo page, seen by our engine, offline"
    motion, signer = signing(5)
    render_clip(motion, signer, tmp_path / "clip.mp4", size=(160, 120))
    with open_page("index.html", {"/models/": models, "/engine/": served_networks()}) as tab:
        tab.call(tab.page.wait_for_selector, "#video-file:not([disabled])")
        tab.evaluate("document.getElementById('engine').value = 'lite'")
        tab.call(tab.page.set_input_files, "#video-file", str(tmp_path / "clip.mp4"))
        tab.call(
            lambda: tab.page.wait_for_function(
                "/^Recognised|found/.test(document.getElementById('status').textContent)",
                timeout=180_000))
        assert tab.evaluate(
            "document.getElementById('status').textContent").startswith("Recognised: ")
        assert (tab.outside, tab.errors) == ([], [])

if __name__ == "__main__":
    FILE.write_text("[\n" + ",\n".join(json.dumps([name, given, in_python(name, given)])
                                       for name, given in examples()) + "\n]\n")
    print(f"{len(list(examples()))} examples -> {FILE}")
