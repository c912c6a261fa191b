"""Networks that are light on the line: the files, their folder, the landmarks, and what a page
fetches before its first answer."""
import json
from pathlib import Path

import brotli
import numpy as np
import onnx
import onnxruntime as ort
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra.numpy import arrays
from slr_tiny.core import InputError, content_hash
from slr_tiny.datasets.avatar import animate, load_lexicon, load_signers
from slr_tiny.datasets.rendering import render_clip, render_frame
from slr_tiny.pose import light_networks
from slr_tiny.pose.landmarker import HolisticLandmarker, landmarker_name, track
from slr_tiny.pose.landmarks import POSE
from slr_tiny.pose.light_networks import LIGHT, WeightBits, light_folder, quantize_per_channel
from slr_tiny.pose.light_networks import served_networks, store_integers, weight_tensors
from slr_tiny.pose.tflite2onnx import NETWORKS, SPEC, engine_folder, find_tflite
from slr_tiny.pose.video import read_frames
from slr_tiny.web.browser import open_page
from slr_tiny.web.divergence import compare_landmarks, pool_comparisons, save_frames, to_landmarks
from slr_tiny.web.server import page_folder

pytestmark = pytest.mark.long

# ---- the files
# --------------------------------------------------------------------------------------------------

weights = arrays(np.float32, st.tuples(st.integers(1, 5), st.integers(1, 30)),
                 elements=st.floats(-1e3, 1e3, width=32))


@given(weights, st.integers(2, 16))
def test_no_weight_is_off_by_more_than_half_a_step(values, bits):
    integers, scale = quantize_per_channel(values, bits)
    assert np.abs(integers.astype(int)).max() <= 2 ** (bits - 1) - 1
    away = np.abs(integers * scale.astype(np.float64) - values)
    assert (away <= .5 * scale * (1 + 1e-3) + 1e-30).all()


@pytest.mark.parametrize("bits", [-1, 0, 1, 17])
def test_impossible_widths(bits):
    with pytest.raises(InputError, match=str(bits)):
        quantize_per_channel(np.eye(2, dtype=np.float32), bits)


def path_of(name):
    "A converted network; the test is skipped where its package is not installed"
    try: find_tflite(name)
    except InputError as error: pytest.skip(str(error))
    return engine_folder([name]) / f"{name}.onnx"


@pytest.mark.parametrize("name", NETWORKS)
def test_a_light_file_is_the_network(name):
    "Fewer bytes to send, the same inputs and outputs, and nearly the same answers"
    plain = path_of(name)
    light = light_folder([name]) / f"{name}.onnx"
    packed = [len(brotli.compress(path.read_bytes(), quality=5)) for path in (plain, light)]
    assert packed[1] < .9 * packed[0]
    size = NETWORKS[name]["size"]
    signer = next(iter(load_signers().values()))
    motion = animate(next(iter(load_lexicon().values())), signer, np.random.default_rng(0))
    image = render_frame(motion, 12, signer, (size, size), np.random.default_rng(0))
    low, high = NETWORKS[name]["range"]
    seen = (image[None] * np.float32((high - low) / 255) + np.float32(low)).astype(np.float32)
    outputs = list(NETWORKS[name]["outputs"])
    sessions = [ort.InferenceSession(path, providers=["CPUExecutionProvider"])
                for path in (plain, light)]
    for a, b in zip(*(session.run(outputs, {"image": seen}) for session in sessions)):
        assert a.shape == b.shape
        assert np.abs(a - b).mean() < .05 * max(1, np.abs(a).mean())


@pytest.mark.parametrize("name", NETWORKS)
def test_weights_are_stored_as_their_entry_says(name):
    path_of(name)
    graph = onnx.load(light_folder([name]) / f"{name}.onnx").graph
    kind = onnx.TensorProto.INT8 if LIGHT[name].bits <= 8 else onnx.TensorProto.INT16
    stored = [tensor for tensor in graph.initializer if tensor.name.endswith("_integers")]
    expected = [w for w in weight_tensors(onnx.load(path_of(name))).values()
                if LIGHT[name].applies(w)]
    assert {tensor.data_type for tensor in stored} == {kind}
    assert len(stored) == len(expected) > 10
    assert not {node.op_type for node in graph.node} & {"DequantizeLinear", "QuantizeLinear"}


def test_the_given_model_stays():
    model = onnx.load(path_of("hand_recrop"))
    before = model.SerializeToString(deterministic=True)
    store_integers(model, WeightBits(4))
    assert model.SerializeToString(deterministic=True) == before

# ---- the folder
# --------------------------------------------------------------------------------------------------


@pytest.fixture
def own_folder(tmp_path, monkeypatch):
    "A folder of converted networks with a single one"
    source = path_of("hand_recrop")
    (tmp_path / "hand_recrop.onnx").write_bytes(source.read_bytes())
    monkeypatch.setattr(light_networks, "engine_folder", lambda names=None: tmp_path)
    return tmp_path


def test_light_networks_are_made_once(own_folder):
    made = light_folder() / "hand_recrop.onnx"
    when = made.stat().st_mtime_ns
    assert sorted(p.name for p in made.parent.iterdir()) == ["hand_recrop.json",
                                                             "hand_recrop.onnx"]
    assert light_folder(["hand_recrop"]) == own_folder / "light" == served_networks() / "light"
    assert made.stat().st_mtime_ns == when


def cut(path): path.write_bytes(path.read_bytes()[:500])
def remove(path): path.unlink()
def forget(path): path.with_suffix(".json").unlink()
def confuse(path): path.with_suffix(".json").write_text("[1, 2")
def other_note(path): path.with_suffix(".json").write_text("[]")


@pytest.mark.parametrize("damage", [cut, remove, forget, confuse, other_note])
def test_what_is_damaged_is_made_anew(own_folder, damage):
    path = light_folder() / "hand_recrop.onnx"
    whole = path.read_bytes()
    damage(path)
    light_folder()
    assert path.read_bytes() == whole
    assert json.loads(path.with_suffix(".json").read_text())["sha256"] == content_hash(path)


def test_other_bits_and_another_source_make_another_file(own_folder, monkeypatch):
    path = light_folder() / "hand_recrop.onnx"
    ten = path.read_bytes()
    monkeypatch.setitem(LIGHT, "hand_recrop", WeightBits(8))
    light_folder()
    assert path.stat().st_size < len(ten)
    source = own_folder / "hand_recrop.onnx"
    model = onnx.load(source)
    model.doc_string = "another one"
    onnx.save(model, source)
    light_folder()
    assert onnx.load(path).doc_string == "another one"


def test_an_interrupted_run_leaves_no_half_file(own_folder, monkeypatch):
    def full_disk(*_): raise OSError(28, "No space left on device")
    monkeypatch.setattr(light_networks.onnx, "save", full_disk)
    with pytest.raises(OSError): light_folder()
    assert list((own_folder / "light").iterdir()) == []
    monkeypatch.undo()
    assert path_of("hand_recrop").exists()

# ---- the landmarker
# --------------------------------------------------------------------------------------------------


def signing(size=(320, 240), zoom=1., frames=8):
    "Frames of a synthetic signer, who may stand small in the middle of a grey image"
    signer = list(load_signers().values())[1]
    sign = next(sign for sign in load_lexicon().values() if sign.non_dominant)
    motion = animate(sign, signer, np.random.default_rng(3))
    found = []
    for k in range(8, 8 + frames):
        small = tuple(int(zoom * side) for side in size)
        image = render_frame(motion, k, signer, small, np.random.default_rng(k))
        whole = np.full((size[1], size[0], 3), image[0, 0], np.uint8)
        top, left = (size[1] - small[1]) // 2, (size[0] - small[0]) // 2
        whole[top:top + small[1], left:left + small[0]] = image
        found.append(whole)
    return found


def test_names_say_what_is_different():
    names = {landmarker_name("lite", 1, light, start) for light in (False, True)
             for start in ("detector", "prior")}
    assert len(names) == 4 and landmarker_name("lite") in names
    with pytest.raises(InputError, match="luck"): landmarker_name(start="luck")


def test_the_guess_needs_no_detector():
    engine = HolisticLandmarker(light=True, start="prior")
    asked = []
    run = engine.run_network
    engine.run_network = lambda name, *given: asked.append(name) or run(name, *given)
    found = np.stack([engine(frame) for frame in signing()])
    assert not np.isnan(found[:, POSE]).any() and "pose_detection" not in asked
    assert asked.count("pose_landmark_full") == len(found) + SPEC["start"]["looks"]


def test_the_detector_comes_for_whom_the_guess_does_not_find():
    "Nobody for some frames, then somebody who is far away: the detector is asked, and stays"
    engine = HolisticLandmarker(light=True, start="prior")
    empty = np.full((240, 320, 3), 128, np.uint8)
    patience = SPEC["start"]["patience"]
    for k in range(patience + 1):
        assert np.isnan(engine(empty)).all() and engine.has_detector == (k >= patience)
    found = np.stack([engine(frame) for frame in signing(zoom=.4, frames=2)])
    assert not np.isnan(found[:, POSE]).any()
    engine.reset()
    assert engine.has_detector and engine.misses == 0


def test_a_clip_does_not_depend_on_the_clip_before():
    frames = signing(frames=3)
    first = track(frames, light=True, start="prior")
    track(frames[::-1], light=True, start="prior")
    assert np.array_equal(track(frames, light=True, start="prior"), first, equal_nan=True)

# ---- the page
# --------------------------------------------------------------------------------------------------

REQUESTED = "performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname)"


def in_page(frames, folder, **options):
    "Landmarks of frames by the page's landmarker, and the networks that it has fetched"
    with open_page("divergence.html", {"/frames/": folder, "/engine/": served_networks()}) as tab:
        urls = [f"./frames/{name}" for name in save_frames(frames, folder)]
        plan = dict(frames=urls, step=1000 / 30, engine="keypoints", **options)
        answer = tab.evaluate("plan => slr.landmarks(plan)", plan)
        fetched = [Path(name).stem for name in tab.evaluate(REQUESTED) if name.endswith(".onnx")]
        runtimes = [Path(name).name for name in tab.evaluate(REQUESTED) if name.endswith(".wasm")]
    return to_landmarks(answer["landmarks"]), fetched, runtimes


@pytest.mark.parametrize("body", ["lite", "full"])
def test_python_and_page_agree_on_the_light_networks(tmp_path, body):
    path_of(f"pose_landmark_{body}")
    signer = list(load_signers().values())[2]
    motion = animate(list(load_lexicon().values())[4], signer, np.random.default_rng(1))
    render_clip(motion, signer, tmp_path / "clip.mp4")
    every, _, size = read_frames(tmp_path / "clip.mp4")
    frames = list(every)[:16]
    theirs, fetched, runtimes = in_page(frames, tmp_path / "png", body=body, light=True)
    ours = track(frames, body, light=True, start="prior")
    found = pool_comparisons([compare_landmarks(ours, theirs, size)])
    assert found["keypoints_mean"] <= .05 and found["hand_agreement"] == 1
    assert sorted(fetched) == ["hand_landmark_full", "hand_recrop", f"pose_landmark_{body}"]
    assert runtimes == ["ort-wasm-simd-threaded.wasm"]


def test_the_page_fetches_the_detector_when_it_is_missed(tmp_path):
    path_of("pose_landmark_lite")
    empty = [np.full((240, 320, 3), 128, np.uint8)] * (SPEC["start"]["patience"] + 1)
    frames = empty + signing(zoom=.4, frames=2)
    theirs, fetched, _ = in_page(frames, tmp_path, body="lite", light=True)
    ours = track(frames, "lite", light=True, start="prior")
    assert "pose_detection" in fetched and len(fetched) == 4
    assert np.array_equal(np.isnan(ours), np.isnan(theirs))
    assert not np.isnan(ours[-2:, POSE]).any()
    apart = np.linalg.norm((ours - theirs)[-2:, POSE] * (320, 240), axis=-1)
    assert apart.mean() < .05


def test_without_a_network_the_guess_has_to_do(tmp_path):
    "A detector that cannot be fetched is no error: whoever comes into the image is found"
    path_of("pose_landmark_lite")
    served = tmp_path / "engine/light"
    served.mkdir(parents=True)
    for name in ("pose_landmark_lite", "hand_recrop", "hand_landmark_full"):
        (served / f"{name}.onnx").write_bytes((light_folder() / f"{name}.onnx").read_bytes())
    frames = [np.full((240, 320, 3), 128, np.uint8)] * (SPEC["start"]["patience"] + 2)
    folders = {"/frames/": tmp_path / "png", "/engine/": tmp_path / "engine"}
    urls = [f"./frames/{name}" for name in save_frames(frames + signing(frames=2),
                                                       tmp_path / "png")]
    with open_page("divergence.html", folders) as tab:
        plan = dict(frames=urls, step=33, engine="keypoints", body="lite", light=True)
        found = to_landmarks(tab.evaluate("plan => slr.landmarks(plan)", plan)["landmarks"])
    assert np.isnan(found[:len(frames)]).all() and not np.isnan(found[-2:, POSE]).any()

# ---- the bytes
# --------------------------------------------------------------------------------------------------


def test_what_must_be_fetched_stays_light():
    "Networks at the quality for files that are packed once, and the runtime"
    path_of("pose_landmark_lite")
    files = [light_folder() / f"{name}.onnx"
             for name in ("pose_landmark_lite", "hand_recrop", "hand_landmark_full")]
    networks = sum(len(brotli.compress(path.read_bytes(), quality=11)) for path in files)
    assert networks < 3_600_000
    runtime = page_folder() / "ort/ort-wasm-simd-threaded.wasm"
    assert len(brotli.compress(runtime.read_bytes(), quality=9)) < 2_800_000
