"""A page sees the frames of a video file that Python sees: the same ones, at the same times, in the
same colours; and says a sentence where it cannot."""
import platform
import struct
from fractions import Fraction

import av
import numpy as np
import pytest
from slr_tiny.web.browser import open_page
from slr_tiny.web.divergence import compare_landmarks, pool_comparisons
from slr_tiny.datasets.extraction import find_clips
from slr_tiny.web.tracking import decoded_frames, frame_times, track_video_in_page
from slr_tiny.pose.video import read_frames
from slr_tiny.pose.landmarker import track
from slr_tiny.datasets.rendering import render_clip
from slr_tiny.core import InputError
from slr_tiny.datasets.avatar import load_lexicon, load_signers, animate
from slr_tiny.pose.tflite2onnx import engine_folder

TICK = Fraction(1, 90000)
UNEVEN = np.cumsum([0, .02, .05, .035, .02, .05, .05, .02, .035, .02, .05, .035])
# FFmpeg has other arithmetic for other processors; ours repeats that of PCs
LEVELS = 0 if platform.machine() in ("x86_64", "AMD64") else 3

KINDS = {
    "plain.mp4": {},
    "uneven.mp4": dict(times=UNEVEN, options={"bf": "3"}),
    "bt709.mp4": dict(options={"x264-params": "colormatrix=bt709:colorprim=bt709:transfer=bt709"}),
    "full.mp4": dict(pixels="yuvj420p"),
    "width.mp4": dict(size=(322, 182)),
    "large.mp4": dict(size=(1280, 720)),
    "vp9.webm": dict(codec="libvpx-vp9"),
    "vp8.webm": dict(codec="libvpx"),
    "turned.mp4": dict(turned=True),
}

TIMES = np.arange(12) / 30

def make(path, codec="libx264", size=(320, 240), pixels="yuv420p", times=TIMES, options=None,
         turned=False):
    "A video of coloured squares that change in every frame"
    rng, (width, height) = np.random.default_rng(0), size
    with av.open(str(path), "w") as video:
        stream = video.add_stream(codec, rate=30, options={"crf": "12", **(options or {})})
        (
            stream.width,
            stream.height,
            stream.pix_fmt,
            stream.time_base,
            stream.codec_context.time_base,
        ) = width, height, pixels, TICK, TICK
        for time in times:
            squares = rng.integers(0, 256, (height // 16 + 1, width // 16 + 1, 3),
                                   np.uint8).repeat(16, 0).repeat(16, 1)[:height, :width]
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(squares), format="rgb24")
            frame.pts, frame.time_base = round(time / TICK), TICK
            video.mux(stream.encode(frame))
        video.mux(stream.encode())
    if turned:     # the matrix of the track: a quarter turn
        content = bytearray(path.read_bytes())
        at = content.index(b"tkhd") + 44
        content[at:at + 36] = struct.pack(">9i", 0, 1 << 16, 0, -1 << 16, 0, 0, 0, 0, 1 << 30)
        path.write_bytes(content)
    return path

@pytest.mark.parametrize("name", KINDS)
def test_page_decodes_what_opencv_decodes(tmp_path, name):
    video = make(tmp_path / name, **KINDS[name])
    ours = np.stack(list(read_frames(video)[0]))
    theirs, times = decoded_frames(video, way="codec")
    assert theirs.shape == ours.shape and len(times) == len(ours)
    assert np.abs(times - frame_times(video)).max() < 1e-6
    assert np.abs(theirs.astype(int) - ours).max() <= LEVELS

def test_frames_in_any_order(tmp_path):
    video = make(tmp_path / "video.mp4", options={"bf": "2"})
    ours = np.stack(list(read_frames(video)[0]))
    order = [7, 2, 2, 11, 0]
    assert np.abs(decoded_frames(video, order)[0].astype(int) - ours[order]).max() <= LEVELS

def test_element_shows_the_same_frames(tmp_path):
    "The fall-back: the right frames at an uneven rate, in colours that differ by rounding"
    video = make(tmp_path / "video.mp4", **KINDS["uneven.mp4"])
    theirs, times = decoded_frames(video, way="times")
    gap = np.abs(theirs.astype(int) - np.stack(list(read_frames(video)[0])))
    assert np.abs(times - frame_times(video)).max() < 1e-6
    assert gap.max() <= 6 and gap.mean() < 2

@pytest.mark.parametrize("missing, way", [("VideoDecoder", "times"), (None, "codec")])
def test_way_that_the_page_chooses(tmp_path, missing, way):
    make(tmp_path / "video.mp4")
    with open_page("divergence.html", {"/videos/": tmp_path}) as tab:
        if missing: tab.evaluate(f"delete window.{missing}")
        found = tab.evaluate("slr.decoded({ url: './videos/video.mp4', which: [0] })")
        assert (found["way"], len(found["times"]), len(found["images"])) == (way, 12, 1)
        assert (tab.outside, tab.errors) == ([], [])

@pytest.mark.parametrize("damage", ["half", "noise", "text"])
def test_broken_files_get_a_sentence(tmp_path, damage):
    video = make(tmp_path / "video.mp4")
    data = bytearray(video.read_bytes())
    if damage == "half": data = data[:len(data) // 2]
    if damage == "noise":
        data[200:len(data) // 2] = np.random.default_rng(0).integers(
            0, 256, len(data) // 2 - 200, np.uint8).tobytes()
    if damage == "text": data = b"This is no video."
    video.write_bytes(data)
    said = "no video" if damage == "text" else "convert it"
    with pytest.raises(InputError, match=said): decoded_frames(video, range(12))

def test_reader_is_fetched_with_the_first_file(tmp_path):
    "Who opens no file does not pay for its reader"
    make(tmp_path / "video.mp4")
    with open_page("divergence.html", {"/videos/": tmp_path}) as tab:
        fetched = (
            "performance.getEntriesByType('resource').filter(({ name }) => "
            "name.includes('/decode-')).length"
        )
        assert tab.evaluate(fetched) == 0
        tab.evaluate("slr.decoded({ url: './videos/video.mp4', which: [0] })")
        assert tab.evaluate(fetched) == 1

@pytest.mark.long
def test_viewer(tmp_path):
    "A person compares the two programs on a clip, and walks through the frames with the keyboard"
    signer = next(iter(load_signers().values()))
    render_clip(animate(next(iter(load_lexicon().values())), signer, np.random.default_rng(0)),
                signer, tmp_path / "whole.mp4", size=(160, 120))
    frames = [frame for frame, _ in zip(read_frames(tmp_path / "whole.mp4")[0], range(5))]
    with av.open(str(tmp_path / "few.mp4"), "w") as video:
        stream = video.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        for frame in [*map(lambda frame: av.VideoFrame.from_ndarray(frame, format="rgb24"), frames),
                      None]:
            video.mux(stream.encode(frame))
    with open_page("divergence.html", {"/engine/": engine_folder()}) as tab:
        text = lambda name: tab.evaluate("name => document.getElementById(name).textContent", name)
        tab.call(tab.page.set_input_files, "#video-file", str(tmp_path / "few.mp4"))
        tab.wait("!document.getElementById('video-file').disabled && "
                 "!/^Choose/.test(document.getElementById('status').textContent)")
        assert text("status").startswith("5 frames. The two are "), text("status")
        tab.call(tab.page.focus, "#frame")
        for key, number in ("Home", 1), ("ArrowRight", 2), ("End", 5):
            tab.call(tab.page.keyboard.press, key)
            tab.wait(
                f"document.getElementById('distance').textContent.startsWith('Frame {number} of 5: "
                "')")
        assert (tab.outside, tab.errors) == ([], [])

def test_real_clips(real_data):
    "Real recordings, frame by frame"
    clips = find_clips(real_data / "videos/ksl77")
    for name in sorted(clips)[::12]:
        which = range(0, 60, 10)
        ours = np.stack(
            [frame for k, frame in enumerate(read_frames(clips[name])[0]) if k in which])
        theirs, times = decoded_frames(clips[name], which)
        assert np.abs(times - frame_times(clips[name])).max() < 1e-6
        assert np.abs(theirs.astype(int) - ours).max() <= LEVELS, name

@pytest.mark.long
def test_landmarks_of_a_real_clip(real_data):
    "OpenCV and our engine in Python against a video file in the page: tracking on"
    clips = find_clips(real_data / "videos/ksl77")
    name = sorted(clips)[0]
    frames, _, size = read_frames(clips[name])
    ours = track([frame for frame, _ in zip(frames, range(30))])
    theirs, _ = track_video_in_page({name: clips[name]}, engine="keypoints", limit=30)[name]
    found = pool_comparisons([compare_landmarks(ours, theirs, size)])
    assert found["keypoints_mean"] <= (3 if LEVELS else .05) and found["hand_agreement"] == 1
