"""Recordings of real signers, where SLR_TINY_REAL_DATA names a folder of them: tables, one video,
and parity on real landmarks."""
import numpy as np
import pytest
import torch
from slr_tiny.datasets.splits import leave_group_out, stratified_split
from slr_tiny.datasets.synthetic import load
from slr_tiny.deploy.recognizer import export, run_onnx
from slr_tiny.datasets.extraction import extract_clip, find_clips, label
from slr_tiny.pose.landmarks import POSE
from slr_tiny.pose.normalization import Preprocess
from slr_tiny.models.spoter import SPOTER

@pytest.mark.parametrize("name, glosses, groups", [("asl10", 10, 3), ("ksl13", 13, 5)])
def test_tables(real_data, name, glosses, groups):
    df = load(name)
    assert (df.gloss.nunique(), df.group.nunique()) == (glosses, groups)
    assert all(x.shape[1:] == (75, 2) and x.dtype == np.float32 for x in df.landmarks)
    assert not any((x == 0).all(-1).any() for x in df.landmarks), (
        "zeros mean missing in the source and must have become NaN"
    )
    for train, test in [stratified_split(df),
                        *(leave_group_out(df, group) for group in df.group.unique())]:
        assert sorted([*train, *test]) == list(range(len(df)))
    assert not np.isnan(Preprocess()(torch.from_numpy(np.concatenate(list(df.landmarks))))).any()

def test_video(real_data):
    "MediaPipe finds the body in a real clip, and the file's name tells sign and signer"
    clips = find_clips(real_data / "videos" / "ksl77")
    assert len(clips) == 36 and {label(f"{name}.mp4") for name in clips} >= {
        ("Seoul", "example1"), ("Seoul", "example2")}
    path = next(iter(clips.values()))
    landmarks = extract_clip(path)["landmarks"]
    assert landmarks.shape[1:] == (75, 2) and len(landmarks) > 20
    assert (~np.isnan(landmarks[:, POSE]).any((1, 2))).mean() > .95

def test_parity_on_real_landmarks(real_data, tmp_path):
    df = load("asl10")
    torch.manual_seed(0)
    model = SPOTER(10, layers=1, feedforward=64).eval()
    path = export(model, sorted(df.gloss.unique()), tmp_path / "x.onnx")
    for landmarks in df.landmarks[::30]:
        with torch.no_grad():
            expected = model(Preprocess()(torch.from_numpy(landmarks))[None])[0].softmax(-1).numpy()
        assert np.abs(run_onnx(path, landmarks) - expected).max() < 1e-4
