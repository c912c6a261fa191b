"""What an extraction keeps belongs to the tracker that found it: another version of tracker or code
looks again."""
import pytest
from slr_tiny.datasets import extraction
from slr_tiny.pose import holistic
from slr_tiny.pose import landmarker
from slr_tiny.datasets.extraction import extract
from test_bad_input import clip_of_a_person

@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    path = tmp_path_factory.mktemp("clip") / "hello_ana_1.mp4"
    clip_of_a_person(path, 4)
    return path

def newer(monkeypatch, what):
    "As after an update of MediaPipe, of the rules of our engine, or of our own code"
    if what == "mediapipe":
        monkeypatch.setattr(holistic, "HOLISTIC_ENGINE", "mediapipe-holistic-99.0")
    if what == "keypoints": monkeypatch.setitem(landmarker.SPEC, "version", "99")
    if what == "code": monkeypatch.setattr(extraction, "EXTRACT_VERSION", "99")

@pytest.mark.parametrize("what, engine, again", [
    ("mediapipe", "legacy", True), ("mediapipe", "onnx", False),
    ("keypoints", "onnx", True), ("keypoints", "legacy", False),
    ("code", "legacy", True), ("code", "onnx", True),
])
def test_version(clip, tmp_path, monkeypatch, what, engine, again):
    out = tmp_path / "table.parquet"
    parts = lambda: {path.name: path.stat().st_mtime_ns
                     for path in (tmp_path / "table.parquet.parts").glob("*.npz")}
    run = lambda: extract([clip], out, workers=1, progress=False, engine=engine)[0]
    first, kept = run(), parts()
    assert len(kept) == 1
    run()
    assert parts() == kept     # nothing has changed, so nothing is done
    newer(monkeypatch, what)
    second = run()
    assert len(parts()) == 1 + again and kept.items() <= parts().items()
    if what != "code": assert (second.engine[0] != first.engine[0]) == again
    if again and what != "code": assert "99" in second.engine[0]
