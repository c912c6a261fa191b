"""Other people's videos and tables: the right value, or one sentence that names the file; Python and page alike."""
import base64
from fractions import Fraction

import av
import numpy as np
import pytest
from slr_tiny.browser import open_page
from slr_tiny.films import decoded_frames, frame_times
from slr_tiny.results import InputError
from slr_tiny.video import read_frames

TICK = Fraction(1, 90000)
EVEN = np.arange(24) / 30
VP8 = dict(codec="libvpx")


# ---- videos ----------------------------------------------------------------------------------------------------------

def stream_of(video, codec="libx264", size=(160, 120), pixels="yuv420p", options=None):
    stream = video.add_stream(codec, rate=30, options=options or {})
    stream.width, stream.height, stream.pix_fmt = *size, pixels
    stream.time_base = stream.codec_context.time_base = TICK
    return stream


def packets(coder, times, size=(160, 120)):
    "Frames that are told apart by their greys"
    for k, time in enumerate(times):
        picture = av.VideoFrame.from_ndarray(np.full((size[1], size[0], 3), 20 + (k * 67) % 216, np.uint8), format="rgb24")
        picture.pts, picture.time_base = round(time / TICK), TICK
        yield from coder.encode(picture)
    yield from coder.encode()


def film(path, times=EVEN, container=None, **stream):
    with av.open(str(path), "w", options=container or {}) as video:
        target = stream_of(video, **stream)
        for packet in packets(target, times): video.mux(packet)
    return path


def trimmed(path):
    "An edit list that shows the second half only: what a telephone writes after its owner has cut the beginning"
    film(path, options={"g": "24", "bf": "0"})
    data = bytearray(path.read_bytes())
    at = data.index(b"elst") + 8     # version and flags, count, then duration, media time, rate
    scale = int.from_bytes(data[data.index(b"mvhd") + 16:data.index(b"mvhd") + 20])
    media = int.from_bytes(data[data.index(b"mdhd") + 16:data.index(b"mdhd") + 20])
    begin = int.from_bytes(data[at + 8:at + 12])
    data[at + 4:at + 8] = round(.4 * scale).to_bytes(4)
    data[at + 8:at + 12] = (begin + round(.4 * media)).to_bytes(4)
    path.write_bytes(data)
    return path


def covered(path):
    "A picture of one frame as the first stream"
    with av.open(str(path), "w") as video:
        cover, moving = stream_of(video, "mjpeg", (32, 24), "yuvj420p"), stream_of(video)
        for packet in [*packets(cover, [0], (32, 24)), *packets(moving, EVEN)]: video.mux(packet)
    return path


def resized(path, *sizes):
    "A picture that changes its size"
    with av.open(str(path), "w") as video:
        target = stream_of(video, "libvpx", sizes[0])
        for times, size in zip(np.array_split(EVEN, len(sizes)), sizes):
            coder = av.CodecContext.create("libvpx", "w")
            coder.width, coder.height, coder.pix_fmt, coder.time_base = *size, "yuv420p", TICK
            for packet in packets(coder, times, size):
                packet.stream = target
                video.mux(packet)
    return path


KINDS = {
    "uneven.mkv": lambda path: film(path, np.cumsum(np.resize([.02, .05, .035], 24))),
    "uneven.webm": lambda path: film(path, np.cumsum(np.resize([.02, .05, .035], 24)), **VP8),
    "pause.webm": lambda path: film(path, np.where(EVEN < .3, EVEN, EVEN + 4), **VP8),
    "pause.mp4": lambda path: film(path, np.where(EVEN < .3, EVEN, EVEN + 4)),
    "late.mkv": lambda path: film(path, EVEN + 5),
    "live.webm": lambda path: film(path, container={"live": "1"}, **VP8),
    "fragments.mp4": lambda path: film(path, container={"movflags": "frag_keyframe+empty_moov"}, options={"g": "6"}),
    "trimmed.mp4": trimmed,
    "cover.mkv": covered,
    "smaller.webm": lambda path: resized(path, (160, 120), (80, 60), (160, 120)),
    "av1.mp4": lambda path: film(path, codec="libsvtav1"),
}


@pytest.mark.parametrize("name", KINDS)
def test_announced_counts_are_not_believed(tmp_path, name):
    "Every frame that the file shows, in Python and in the page, at the same times"
    path = KINDS[name](tmp_path / name)
    frames = list(read_frames(path)[0])
    assert len(frames) == (12 if name == "trimmed.mp4" else 24)
    ask = dict(url=f"./videos/{name}", which=[0, len(frames) - 1])
    with open_page("divergence.html", {"/videos/": tmp_path}) as tab: found = tab.evaluate("ask => slr.decoded(ask)", ask)
    assert len(found["times"]) == len(frames)
    assert np.abs(np.array(found["times"]) - frame_times(path)).max() < 1e-6
    for k, picture in zip(ask["which"], found["pictures"]):
        theirs = np.frombuffer(base64.b64decode(picture), np.uint8).reshape(frames[k].shape)
        assert np.abs(theirs.astype(int) - frames[k]).max() <= 3


CUT = {"index first.mp4": dict(container={"movflags": "faststart"}), "index last.mp4": {}, "a.mkv": {}, "a.webm": VP8, "a.avi": {},
       "a.3gp": {}, "a.mov": {}, "a.wmv": dict(codec="wmv2"), "a.ts": {}, "a.gif": dict(codec="gif", pixels="rgb8"),
       "fragments.mp4": dict(container={"movflags": "frag_keyframe+empty_moov"}, options={"g": "6"})}


@pytest.mark.parametrize("share", [.5, .93])
@pytest.mark.parametrize("name", CUT)
def test_files_that_break_off(tmp_path, name, share):
    path = film(tmp_path / name, **CUT[name])
    assert len(list(read_frames(path)[0])) == 24
    path.write_bytes(path.read_bytes()[:int(share * path.stat().st_size) | 1])     # odd: a transport stream is even
    with pytest.raises(InputError, match=name): list(read_frames(path)[0])
    if path.suffix in (".mp4", ".webm"):
        with pytest.raises(InputError, match=name): decoded_frames(path, [0])


def test_a_picture_that_is_turned_midway(tmp_path):
    path = resized(tmp_path / "turning.webm", (160, 120), (120, 160))
    with pytest.raises(InputError, match="turning.webm"): list(read_frames(path)[0])
    with pytest.raises(InputError, match="turning.webm"): decoded_frames(path, range(24))


@pytest.mark.parametrize("kind", ["sound", "cover"])
def test_no_moving_picture(tmp_path, kind):
    path = tmp_path / "song.mp4"
    with av.open(str(path), "w") as song:
        stream = song.add_stream("aac", rate=16000)
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
        silence.sample_rate = 16000
        found = [*stream.encode(silence), *stream.encode()]
        if kind == "cover":
            cover = stream_of(song, "mjpeg", (32, 24), "yuvj420p")
            cover.disposition = av.stream.Disposition.attached_pic
            found += packets(cover, [0], (32, 24))
        for packet in found: song.mux(packet)
    with pytest.raises(InputError, match="song.mp4"): read_frames(path)
