"""Networks over time and the linear model, from landmarks to probabilities in one file."""
import numpy as np
import onnx
import pytest
import torch
from slr_tiny.datasets.splits import leave_group_out
from slr_tiny.datasets.synthetic import procedural_table
from slr_tiny.deploy.quantization import quantize
from slr_tiny.deploy.recognizer import Recognizer, check_parity, export, run_onnx
from slr_tiny.deploy.untrusted import Runner
from slr_tiny.models.checkpoint import load_checkpoint, save_checkpoint
from slr_tiny.models.frame_features import FrameFeatureCNN
from slr_tiny.models.temporal_cnn import LinearClassifier, TemporalCNN
from slr_tiny.pose.normalization import Preprocess
from slr_tiny.training.evaluation import evaluate
from slr_tiny.training.trainer import settled, train

GLOSSES = ["CLOSE", "PEDAL", "SAY", "SUNRISE"]
LENGTHS = (1, 2, 3, 5, 15, 16, 17, 31, 70, 128)
NETWORKS = {"linear": (LinearClassifier, "ours"), "temporal_cnn": (TemporalCNN, "ours"),
            "frame_features": (FrameFeatureCNN, "raw")}


def fresh(name):
    "A network that has learned nothing, in eval mode, and its preprocessing"
    torch.manual_seed(0)
    kind, preprocess = NETWORKS[name]
    return kind(len(GLOSSES)).eval(), preprocess


@pytest.fixture(scope="module", params=NETWORKS)
def exported(request, tmp_path_factory):
    model, preprocess = fresh(request.param)
    path = tmp_path_factory.mktemp(request.param) / "model.onnx"
    return model, preprocess, export(model, GLOSSES, path, preprocess)


def test_the_file_answers_like_the_model(exported):
    model, preprocess, path = exported
    assert max(check_parity(Recognizer(model, preprocess), path, LENGTHS).values()) < 1e-5


MISSING = [slice(33, 54), slice(54, 75), slice(33, 75), slice(0, 33), slice(0, 75)]


@pytest.mark.parametrize("missing", MISSING)
def test_what_is_missing_gives_probabilities(exported, missing):
    "A part that was seen in no frame, the whole body included"
    path = exported[2]
    clip = np.random.default_rng(0).uniform(.2, .8, (20, 75, 2)).astype(np.float32)
    clip[:, missing] = np.nan
    answer = run_onnx(path, clip)
    assert np.isfinite(answer).all() and abs(answer.sum() - 1) < 1e-5


def test_the_graph_has_no_branch_and_no_foreign_operator(exported):
    "What onnxruntime-web runs on the processor: the standard operators, and no control flow"
    graph = onnx.load(exported[2]).graph
    assert {node.domain for node in graph.node} <= {""}
    assert not {node.op_type for node in graph.node} & {"If", "Loop", "Scan", "NonZero"}


def test_a_careful_reader_opens_it(exported):
    clip = np.random.default_rng(0).uniform(.2, .8, (20, 75, 2)).astype(np.float32)
    assert np.abs(Runner(exported[2])(clip) - run_onnx(exported[2], clip)).max() < 1e-6


def test_in_bytes_it_still_answers(exported, tmp_path):
    path = quantize(exported[2], tmp_path / "int8.onnx", "browser_int8")
    clip = np.random.default_rng(0).uniform(.2, .8, (20, 75, 2)).astype(np.float32)
    assert np.abs(run_onnx(path, clip) - run_onnx(exported[2], clip)).max() < .1
    if isinstance(exported[0], LinearClassifier): return
    assert path.stat().st_size < exported[2].stat().st_size / 2


@pytest.mark.parametrize("name", NETWORKS)
def test_padding_and_batches_change_nothing(name):
    model, preprocess = fresh(name)
    clips = [torch.rand(frames, 75, 2) for frames in (3, 40, 17)]
    padded = torch.zeros(3, 40, 75, 2)
    for row, clip in zip(padded, clips): row[:len(clip)] = clip
    mask = torch.arange(40) < torch.tensor([len(clip) for clip in clips])[:, None]
    with torch.no_grad():
        together = model(Preprocess(preprocess)(padded), mask)
        alone = torch.cat([model(Preprocess(preprocess)(clip[None])) for clip in clips])
    assert (together - alone).abs().max() < 1e-4


@pytest.mark.parametrize("name", NETWORKS)
def test_a_checkpoint_gives_it_back(name, tmp_path):
    model, preprocess = fresh(name)
    save_checkpoint(tmp_path, model, GLOSSES, preprocess)
    again, meta = load_checkpoint(tmp_path)
    keypoints = Preprocess(preprocess)(torch.rand(2, 9, 75, 2))
    with torch.no_grad(): assert torch.equal(again(keypoints), model(keypoints))
    assert (meta["preprocess"], meta["config"]["network"]) == (preprocess, name)


@pytest.fixture(scope="module")
def toy():
    return procedural_table(signs=GLOSSES, signers=["ada", "ben", "gus"], repetitions=4, seed=0)


@pytest.mark.parametrize("recipe", ["temporal_cnn", "frame_features", "linear_mirrored"])
def test_it_learns_signs_of_a_stranger(toy, recipe):
    "Far more than guessing, on a signer of another handedness"
    inside, outside = leave_group_out(toy, "gus")
    short = {} if recipe == "linear_mirrored" else dict(least_steps=150, report=lambda row: None)
    run = train(toy, inside, recipe, **short)
    assert evaluate(run.model, toy, outside, run.glosses, run.preprocess).accuracy() > .5


def test_the_settings_of_older_trainings_are_what_they_were():
    "A mark is computed from these; another word in them would do every kept training again"
    known = {"recipe", "epochs", "layers", "feedforward", "seed", "loss", "validation", "patience",
             "watch", "flatter", "state", "keep", "noted", "peak", "batch", "adam", "smoothing",
             "augmented", "dropped", "position", "dropout", "preprocess"}
    assert set(settled()) == set(settled(recipe="papers")) == known
