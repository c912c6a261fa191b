"""One model, three runtimes: PyTorch, ONNX Runtime, and onnxruntime-web in a real Chromium give
the same answers.

Landmarks here are random numbers (synthetic), and the models have learned nothing: parity is a
question of arithmetic, and an
untrained network adds and multiplies like a trained one.
"""
import json
from pathlib import Path
from typing import NamedTuple

import numpy as np
import onnx
import pytest
import torch
from conftest import sampled
from hypothesis import given, strategies as st
from slr_tiny.web.browser import find_chromium, open_models, open_page, predict_in_page
from slr_tiny.deploy.recognizer import export, read_metadata, run_onnx
from slr_tiny.pose.landmarks import LEFT, NUM_LANDMARKS, RIGHT, mirror
from slr_tiny.pose.normalization import PREPROCESS_VERSION, Preprocess
from slr_tiny.deploy.graph import session, to_onnx
from slr_tiny.deploy.quantization import quantize
from slr_tiny.models.spoter import SPOTER

LENGTHS = [1, 2, 3, 7, 24, 25, 64, 117, 199, 200]
VARIANTS = ["ours", "pucp", "spoter"]
GLOSSES = ["book", "house", "thank you", "-", "née", "手"]      # a gloss may be any text

def make(frames, missing="some", seed=0):
    "Random landmarks (T, 75, 2) with holes as a detector leaves them"
    rng = np.random.default_rng(seed)
    landmarks = (.5 + .3 * rng.standard_normal((frames, NUM_LANDMARKS, 2))).astype(np.float32)
    if missing == "some":
        landmarks[rng.random(frames) < .4, LEFT] = np.nan
        landmarks[rng.random(frames) < .2, RIGHT] = np.nan
        landmarks[rng.random(frames) < .1] = np.nan
    if missing == "hands": landmarks[:, LEFT.start:] = np.nan
    if missing == "all": landmarks[:] = np.nan
    return landmarks

CASES = [(frames, "some") for frames in LENGTHS] + [(1, "none"), (30, "none"), (1, "hands"),
                                                    (40, "hands"), (1, "all"), (12, "all")]
CLIPS = [make(frames, missing, seed) for seed, (frames, missing) in enumerate(CASES)]

def build(seed=0, **options):
    torch.manual_seed(seed)
    return SPOTER(len(GLOSSES), **{"layers": 1, "feedforward": 64, **options}).eval()

def in_torch(model, variant, landmarks):
    with torch.no_grad():
        return model(Preprocess(variant)(torch.from_numpy(landmarks))[None])[0].softmax(-1).numpy()

MODELS = {"ours": ("ours", {}), "pucp": ("pucp", {}), "spoter": ("spoter", {}),
          "deep": ("ours", dict(layers=3, feedforward=256)),
          "ordered": ("ours", dict(position="sinusoidal"))}

class Exported(NamedTuple):
    "A network, how its input is normalized, and its file"
    network: SPOTER
    variant: str
    path: Path

@pytest.fixture(scope="module", params=sampled(list(MODELS), ["pucp", "ordered"]))
def model(request, tmp_path_factory):
    variant, options = MODELS[request.param]
    network, folder = build(**options), tmp_path_factory.mktemp("models")
    path = export(network, GLOSSES, folder / f"{request.param}.onnx", preprocess=variant)
    return Exported(network, variant, path)

def test_torch_and_onnxruntime(model):
    for landmarks in CLIPS:
        expected = in_torch(model.network, model.variant, landmarks)
        found = run_onnx(model.path, landmarks)
        assert found.shape == (len(GLOSSES),) and found.dtype == np.float32
        assert np.abs(found - expected).max() < 1e-4 and abs(found.sum() - 1) < 1e-5

@pytest.fixture(scope="module")
def int8(model, tmp_path_factory):
    "The same in 8-bit integers"
    return quantize(model.path, tmp_path_factory.mktemp("int8") / "int8.onnx", "dynamic_int8")

@pytest.fixture(scope="module")
def answers(model, int8):
    "What Chromium says, both files in one page"
    return predict_in_page({"fp32": model.path, "int8": int8}, CLIPS)

def test_onnxruntime_and_chromium(model, answers):
    native = np.stack([run_onnx(model.path, landmarks) for landmarks in CLIPS])
    torches = np.stack([in_torch(model.network, model.variant, landmarks) for landmarks in CLIPS])
    assert np.abs(answers["fp32"] - native).max() < 1e-4
    assert np.abs(answers["fp32"] - torches).max() < 1e-4
    assert (answers["fp32"].argmax(1) == native.argmax(1)).all()

def test_int8_in_chromium(model, int8, answers):
    """int8 has a rounding of its own in each runtime, so the answers are near, and a clear best
    guess is the same"""
    assert int8.stat().st_size < model.path.stat().st_size
    native = np.stack([run_onnx(int8, landmarks) for landmarks in CLIPS])
    assert np.abs(answers["int8"] - native).max() < 1e-2
    clear = np.sort(native)[:, -1] - np.sort(native)[:, -2] > .02
    assert clear.any() and (answers["int8"].argmax(1) == native.argmax(1))[clear].all()

def test_page_needs_nobody_else(model):
    """The page works without a network, is isolated (fine timers, threads), and knows what the file
    says of itself"""
    with open_models({"one": model.path}) as (tab, about):
        assert tab.evaluate("window.crossOriginIsolated") is True
        assert (tab.outside, tab.errors) == ([], [])
    assert list(about["one"]["glosses"]) == GLOSSES
    assert about["one"]["bytes"] == model.path.stat().st_size

@pytest.mark.parametrize("page", ["index.html", "bench.html", "divergence.html", "weight.html"])
def test_every_page_opens(page):
    with open_page(page) as tab:
        assert "slr_tiny" in tab.evaluate("document.title")
        assert tab.evaluate("document.documentElement.lang") == "en"
        assert tab.evaluate("Array.from(document.images).every(image => image.alt)")
        assert (tab.outside, tab.errors) == ([], [])

def test_chromium_is_real():
    assert find_chromium()

# ---- the file
# --------------------------------------------------------------------------------------------------

def test_file_says_what_it_is(model):
    onnx.checker.check_model(onnx.load(model.path), full_check=True)
    about = read_metadata(model.path)
    assert about["glosses"] == GLOSSES
    assert model.variant in json.dumps(about) and PREPROCESS_VERSION in json.dumps(about)
    [given], [answer] = session(model.path).get_inputs(), session(model.path).get_outputs()
    assert (given.name, answer.name) == ("landmarks", "probabilities")
    assert given.shape[1:] == [75, 2] and isinstance(given.shape[0], str)
    assert answer.shape == [len(GLOSSES)]

def test_file_tells_nothing_of_its_maker(model):
    content = model.path.read_bytes()
    assert b"site-packages" not in content and b"/home" not in content and b".py" not in content

# ---- the preprocessing
# --------------------------------------------------------------------------------------------------

@pytest.fixture(scope="module")
def graphs(tmp_path_factory):
    "variant -> session from landmarks to keypoints"
    folder = tmp_path_factory.mktemp("graphs")
    return {
        variant: session(to_onnx(Preprocess(variant), torch.rand(20, 75, 2),
                                 folder / f"{variant}.onnx", "landmarks", "keypoints"))
        for variant in VARIANTS}

class Pattern(NamedTuple):
    "How to make landmarks with holes; small to print when a test fails"
    frames: int
    seed: int
    scale: float            # of the coordinates
    middle: float           # of the image
    points: float           # share of points that are missing
    coordinates: float      # share of points of which one coordinate is missing
    left: float             # share of frames without the left hand
    right: float
    always: frozenset       # landmarks that are missing in all frames
    zeros: float            # share of frames that are all zero, as some sources write "missing"

    def make(self):
        rng = np.random.default_rng(self.seed)
        x = (self.middle
             + self.scale * rng.standard_normal((self.frames, NUM_LANDMARKS, 2))).astype(np.float32)
        x[rng.random(x.shape[:2]) < self.points] = np.nan
        x[rng.random(x.shape) < self.coordinates] = np.nan
        for part, share in ((LEFT, self.left), (RIGHT, self.right)):
            x[rng.random(self.frames) < share, part] = np.nan
        x[:, sorted(self.always)] = np.nan
        x[rng.random(self.frames) < self.zeros] = 0
        return x

share = st.sampled_from([0, .1, .5, .9, 1])
patterns = st.builds(Pattern, frames=st.integers(1, 40), seed=st.integers(0, 999),
                     scale=st.sampled_from([.3, 1e-3, 1, 50]), middle=st.sampled_from([.5, 0]),
                     points=share, coordinates=st.sampled_from([0, .05]), left=share, right=share,
                     always=st.frozensets(st.integers(0, 74), max_size=6),
                     zeros=st.sampled_from([0, .3]))

@pytest.mark.parametrize("variant", VARIANTS)
@given(pattern=patterns)
def test_preprocess_in_the_graph(graphs, variant, pattern):
    x = pattern.make()
    expected = Preprocess(variant)(torch.from_numpy(x)).numpy()
    [found] = graphs[variant].run(None, {"landmarks": x})
    assert expected.shape == found.shape == (len(x), 54, 2)
    assert not np.isnan(expected).any() and not np.isnan(found).any()
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)

@given(pattern=patterns)
def test_whole_graph(model, pattern):
    x = pattern.make()
    assert np.abs(run_onnx(model.path, x) - in_torch(model.network, model.variant, x)).max() < 1e-4

@pytest.mark.parametrize("variant", VARIANTS)
@given(pattern=patterns)
def test_preprocess_is_per_frame(variant, pattern):
    "Batches and frames do not influence one another"
    prepare, x = Preprocess(variant), torch.from_numpy(pattern.make())
    whole = prepare(x)
    assert torch.equal(prepare(torch.stack([x, x.flip(0)])), torch.stack([whole, whole.flip(0)]))
    assert torch.equal(prepare(x[:1]), whole[:1])

@given(pattern=patterns, shift=st.floats(-.3, .3), zoom=st.floats(.5, 2))
def test_ours_does_not_see_where_the_camera_stands(pattern, shift, zoom):
    prepare, x = Preprocess("ours"), torch.from_numpy(pattern.make()).double()
    width = (x[:, 11] - x[:, 12]).norm(dim=-1)
    # bodies with shoulders that can be measured
    clear = (width > .01).nonzero()[:, 0]
    np.testing.assert_allclose(prepare(x * zoom + shift)[clear], prepare(x)[clear], atol=1e-5,
                               rtol=1e-5)

@given(pattern=patterns)
def test_mirror_twice(pattern):
    x = pattern.make()
    np.testing.assert_allclose(mirror(mirror(x)), x, atol=1e-5)
    assert np.array_equal(np.isnan(mirror(x)[:, LEFT]), np.isnan(x[:, RIGHT]))
