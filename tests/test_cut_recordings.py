"""Recordings that were written live and cut in the middle: whole frames count, one sentence
says so, in Python and in the page; whole ones are left in peace."""

import base64
import platform
import struct
import warnings
from fractions import Fraction

import av
import numpy as np
import pytest
from conftest import sampled
from slr_tiny.cli.main import main
from slr_tiny.core import InputError
from slr_tiny.datasets.extraction import extract
from slr_tiny.pose.live import find_ending
from slr_tiny.pose.video import CutOff, read_frames, read_packets
from slr_tiny.web.browser import open_page

FRAMES = 24
LEVELS = (
    0 if platform.machine() in ("x86_64", "AMD64") else 3
)  # FFmpeg's other arithmetic elsewhere
FRAGMENTS = {"movflags": "frag_keyframe+empty_moov"}
LIVE = {"live": "1"}


class Pipe:
    "A place where nothing can be changed afterwards"

    def __init__(self, name):
        self.name, self.data = name, bytearray()

    def write(self, data):
        self.data += data
        return len(data)

    def seekable(self):
        return False


def write(video, codec, sound=None, options=None, pixels="yuv420p"):
    "Frames of squares, and a tone if there is a codec for it"
    stream = video.add_stream(codec, rate=30, options=options or {})
    stream.width, stream.height, stream.pix_fmt = (
        160,
        120,
        "yuvj420p" if codec == "mjpeg" else pixels,
    )
    stream.codec_context.thread_count = 1  # the same file whatever the processors
    tick = Fraction(1, 30) if codec[:4] in ("mpeg", "mjpe") else Fraction(1, 90000)
    stream.time_base = stream.codec_context.time_base = tick
    tone = video.add_stream(sound, rate=48000) if sound else None
    for number in range(FRAMES):
        squares = np.random.default_rng(number).integers(0, 256, (8, 10, 4), np.uint8)
        squares[..., 3] |= 255 * (pixels != "yuva420p")
        squares = np.ascontiguousarray(squares.repeat(16, 0).repeat(16, 1)[:120])
        picture = av.VideoFrame.from_ndarray(squares, format="rgba")
        picture.pts, picture.time_base = round(number / 30 / tick), tick
        video.mux(stream.encode(picture))
        if tone and number < FRAMES - 4:
            part = av.AudioFrame.from_ndarray(np.zeros((1, 1600), np.float32), "fltp", "mono")
            part.sample_rate, part.pts = 48000, 1600 * number
            video.mux(tone.encode(part))
    video.mux(stream.encode())
    if tone:
        video.mux(tone.encode())


def record(path, codec="libx264", kind=None, container=None, pipe=False, **how):
    target = Pipe(path.name) if pipe else str(path)
    with av.open(target, "w", format=kind, options=container or {}) as video:
        write(video, codec, **how)
    if pipe:
        path.write_bytes(target.data)
    return path


PAGE = {
    "live.webm": dict(codec="libvpx", container=LIVE),
    "vp9.webm": dict(codec="libvpx-vp9", container=LIVE),
    "sound.webm": dict(codec="libvpx", sound="libopus", container=LIVE),
    "live.mkv": dict(container=LIVE, options={"bf": "2"}),
    "fragments.mp4": dict(container=FRAGMENTS, options={"g": "6", "bf": "2"}),
    "one_fragment.mp4": dict(container=FRAGMENTS),
    "sound.mp4": dict(container=FRAGMENTS, options={"g": "8"}, sound="aac"),
    "stream.ts": {},
    "ordered.ts": dict(options={"bf": "0"}),
    "sound.ts": dict(sound="aac"),
    "card.mts": dict(container={"mpegts_m2ts_mode": "1"}),
}
PYTHON = {
    "mpeg2.ts": dict(codec="mpeg2video"),
    "disc.mpg": dict(codec="mpeg2video", kind="vob"),
    "h264.mpg": dict(kind="vob"),
    "old.mpg": dict(codec="mpeg1video", kind="mpeg"),
    "pipe.avi": dict(pipe=True, kind="avi", codec="mjpeg"),
    "h264.avi": dict(pipe=True, kind="avi", options={"bf": "0"}),
    "flash.flv": {},
    "pictures.mjpeg": dict(codec="mjpeg", kind="mjpeg"),
    "raw.y4m": dict(codec="wrapped_avframe", kind="yuv4mpegpipe"),
}
BARE = {"bare.h264": dict(kind="h264"), "bare.m2v": dict(codec="mpeg2video", kind="mpeg2video")}


def frames_of(path):
    "The frames, as bytes, and what is said about them"
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        frames = list(read_frames(path)[0])
    return frames, [str(one.message) for one in said if isinstance(one.message, CutOff)]


@pytest.fixture(scope="module")
def recordings(tmp_path_factory):
    folder = tmp_path_factory.mktemp("recordings")
    return {name: record(folder / name, **how) for name, how in {**PAGE, **PYTHON, **BARE}.items()}


def cut_at(path, folder, place):
    "The beginning of a file"
    (folder / path.name).write_bytes(path.read_bytes()[:place])
    return folder / path.name


@pytest.mark.parametrize("name", [*PAGE, *PYTHON, *BARE])
def test_whole_recordings_are_left_in_peace(recordings, name):
    frames, said = frames_of(recordings[name])
    assert (len(frames), said) == (FRAMES, [])


@pytest.mark.parametrize("name", ["fragments.mp4", "sound.mp4"])
def test_a_header_that_is_cut_off(recordings, tmp_path, name):
    "Wherever the last fragment's header ends, the fragments before it are read"
    data = recordings[name].read_bytes()
    begin = data.rindex(b"moof") - 4
    end = begin + int.from_bytes(data[begin : begin + 4], "big")
    before, _ = frames_of(cut_at(recordings[name], tmp_path, begin))
    for place in range(begin + 9, end, 5):
        frames, said = frames_of(cut_at(recordings[name], tmp_path, place))
        assert len(said) == 1 and len(before) <= len(frames) < FRAMES, place
        assert all(np.array_equal(a, b) for a, b in zip(before, frames)), place


@pytest.mark.parametrize("name", sampled([*PAGE, *PYTHON], [*PAGE, *PYTHON][::3]))
def test_every_whole_frame_and_one_sentence(recordings, tmp_path, name):
    "Wherever the file is cut within a part: whole frames only, and no other ones"
    whole = {frame.tobytes() for frame in frames_of(recordings[name])[0]}
    size, before = recordings[name].stat().st_size, 0
    for place in np.linspace(0.4, 0.97, 9) * size:
        path = cut_at(recordings[name], tmp_path, int(place) | 1)
        if not find_ending(path).cut:
            continue  # between two parts, which is another test's business
        frames, said = frames_of(path)
        assert (
            before <= len(frames) < FRAMES + (name == "old.mpg")
            and len(said) == 1
            and name in said[0]
        )
        assert {frame.tobytes() for frame in frames} <= whole
        assert len(read_packets(path).times) == len(frames)
        before = len(frames)
    assert before > FRAMES // 2


@pytest.mark.parametrize("name", BARE)
def test_bare_streams_are_never_refused(recordings, tmp_path, name):
    "They have no parts; whether the last picture is damaged, a decoder may notice or not"
    whole = {frame.tobytes() for frame in frames_of(recordings[name])[0]}
    for share in (0.5, 0.7, 0.9):
        frames, said = frames_of(
            cut_at(recordings[name], tmp_path, int(share * recordings[name].stat().st_size))
        )
        assert len({frame.tobytes() for frame in frames} - whole) <= 1 and len(said) <= 1


@pytest.mark.parametrize(
    "name", ["live.webm", "live.mkv", "fragments.mp4", "flash.flv", "pipe.avi"]
)
def test_nobody_can_know(recordings, tmp_path, name):
    "Cut between two parts, a recording is a good one of a shorter sign"
    path = cut_at(recordings[name], tmp_path, int(0.7 * recordings[name].stat().st_size))
    frames, said = frames_of(cut_at(recordings[name], tmp_path, find_ending(path).whole))
    assert 0 < len(frames) < FRAMES and not said


def within_first(path):
    "A place within the first frame of a recording"
    data = path.read_bytes()
    first = {
        ".webm": data.find(b"\xa3", data.find(b"\x1f\x43\xb6\x75")),
        ".mp4": data.find(b"moof"),
        ".mpg": 560,
        ".ts": 1460,
    }
    return first[path.suffix] + 40


@pytest.mark.parametrize("name", ["live.webm", "fragments.mp4", "stream.ts", "disc.mpg"])
def test_a_file_without_a_whole_frame(recordings, tmp_path, name):
    with pytest.raises(InputError, match=name):
        frames_of(cut_at(recordings[name], tmp_path, within_first(recordings[name])))


@pytest.fixture(scope="module")
def announced(tmp_path_factory):
    "A live WebM whose header says how long it is, as programs write it afterwards"
    path = record(tmp_path_factory.mktemp("announced") / "announced.webm", codec="libvpx")
    data = bytearray(path.read_bytes())
    segment = data.index(b"\x18\x53\x80\x67") + 4
    data[segment : segment + 8] = b"\x01" + 7 * b"\xff"
    said = data.index(b"\x44\x89\x88") + 3
    data[said : said + 8] = struct.pack(">d", 4000)  # milliseconds
    data = data[
        : data.rindex(b"\x1c\x53\xbb\x6b")
    ]  # without the table of contents behind the frames
    path.write_bytes(data)
    return path


def test_a_header_that_announces_more(announced):
    frames, [said] = frames_of(announced)
    assert len(frames) == FRAMES and "4.0 s" in said


# ---- the page ----------------------------------------------------------------------------------


def page_sees(tab, name):
    ask = dict(url=f"./videos/{name}", which=list(range(FRAMES)))
    found = tab.evaluate("ask => slr.decoded(ask)", ask)
    shape = found["height"], found["width"], 3
    return [
        np.frombuffer(base64.b64decode(p), np.uint8).reshape(shape) for p in found["images"]
    ], found


@pytest.mark.parametrize("name", sampled(PAGE, [*PAGE][::3]))
def test_the_page_sees_the_same_frames(recordings, tmp_path, name):
    size = recordings[name].stat().st_size
    places = [int(share * size) | 1 for share in (0.45, 0.7, 0.93)]
    with open_page("divergence.html", {"/videos/": tmp_path}) as tab:
        for place in [size, *places]:
            path = cut_at(recordings[name], tmp_path, place)
            ours, said = frames_of(path)
            theirs, found = page_sees(tab, name)
            assert (found["way"], len(theirs), len(found["times"])) == (
                "codec",
                len(ours),
                len(ours),
            )
            assert np.abs(np.array(found["times"]) - read_packets(path).times).max() < 1e-6
            assert max(np.abs(a.astype(int) - b).max() for a, b in zip(ours, theirs)) <= LEVELS
            assert bool(found["cut"]) == bool(said) and (not said or name in found["cut"])


def test_the_page_reads_the_announced_length(announced):
    with open_page("divergence.html", {"/videos/": announced.parent}) as tab:
        theirs, found = page_sees(tab, announced.name)
    assert len(theirs) == FRAMES and announced.name in found["cut"]


@pytest.mark.parametrize("name", ["live.webm", "fragments.mp4", "stream.ts"])
def test_the_page_refuses_a_file_without_a_whole_frame(recordings, tmp_path, name):
    cut_at(recordings[name], tmp_path, within_first(recordings[name]))
    with (
        open_page("divergence.html", {"/videos/": tmp_path}) as tab,
        pytest.raises(InputError, match=name),
    ):
        page_sees(tab, name)


@pytest.mark.parametrize("name", ["alpha_vp8.webm", "alpha_vp9.webm"])
def test_transparent_pictures_have_one_colour(tmp_path, name):
    "What is transparent is ignored: the colours are those of the file, in Python and in the page"
    path = tmp_path / name
    with av.open(str(path), "w") as video:
        codec = "libvpx" if "vp8" in name else "libvpx-vp9"
        write(video, codec, pixels="yuva420p", options={"auto-alt-ref": "0"})
        video.streams.video[0].metadata["alpha_mode"] = "1"
    ours, said = frames_of(path)
    assert (len(ours), said) == (FRAMES, [])
    with open_page("divergence.html", {"/videos/": tmp_path}) as tab:
        theirs, found = page_sees(tab, name)
    assert (
        found["way"] == "codec"
        and max(np.abs(a.astype(int) - b).max() for a, b in zip(ours, theirs)) <= LEVELS
    )


# ---- from the command line ---------------------------------------------------------------------


def test_extract_uses_it_and_says_so(tmp_path, capfd):
    "Also when the landmarks are kept from an earlier run"
    from test_bad_input import clip_of_a_person

    good, live = clip_of_a_person(tmp_path / "good.mp4", 12), tmp_path / "hello_ana_1.mkv"
    with av.open(str(good)) as whole, av.open(str(live), "w", options=LIVE) as copy:
        stream = copy.add_stream_from_template(whole.streams.video[0])
        for packet in whole.demux(video=0):
            if not packet.size:
                continue
            packet.stream = stream
            copy.mux(packet)
    cut_at(live, tmp_path, live.stat().st_size - 1500)
    for _ in range(2):
        table, failures = extract([live], tmp_path / "out.parquet", workers=1, progress=False)
        said = capfd.readouterr().err
        assert (
            0 < table.frames[0] < 12
            and not len(failures)
            and "hello_ana_1.mkv seems to be cut off" in said
        )
    assert (
        main(["extract", str(live), "--out", str(tmp_path / "out.parquet"), "--workers", "1"]) == 0
    )
    assert capfd.readouterr().err.count("seems to be cut off") == 1
