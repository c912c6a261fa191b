"""Other people's videos and tables: the right value, or one sentence that names the file; Python
and page alike."""
import base64
import itertools
from fractions import Fraction

import av
import h5py
import numpy as np
import pandas as pd
import pytest
from slr_tiny.web.browser import open_page
from slr_tiny.datasets.synthetic import load, procedural_table
from slr_tiny.datasets.table import write_table
from slr_tiny.web.tracking import decoded_frames, frame_times
from slr_tiny.training.experiments import Experiment, make_folds
from slr_tiny.datasets.formats import SPOTER_POINTS
from slr_tiny.core import InputError
from slr_tiny.pose.video import read_frames

TICK = Fraction(1, 90000)
EVEN = np.arange(24) / 30
VP8 = dict(codec="libvpx")

# ---- videos
# --------------------------------------------------------------------------------------------------

def stream_of(video, codec="libx264", size=(160, 120), pixels="yuv420p", options=None):
    stream = video.add_stream(codec, rate=30, options=options or {})
    stream.width, stream.height, stream.pix_fmt = *size, pixels
    stream.time_base = stream.codec_context.time_base = TICK
    return stream

def packets(coder, times, size=(160, 120)):
    "Frames that are told apart by their greys"
    for k, time in enumerate(times):
        image = av.VideoFrame.from_ndarray(np.full((size[1], size[0], 3), 20 + (k * 67) % 216,
                                                     np.uint8), format="rgb24")
        image.pts, image.time_base = round(time / TICK), TICK
        yield from coder.encode(image)
    yield from coder.encode()

def record(path, times=EVEN, container=None, **stream):
    with av.open(str(path), "w", options=container or {}) as video:
        target = stream_of(video, **stream)
        for packet in packets(target, times): video.mux(packet)
    return path

def trimmed(path):
    """An edit list that shows the second half only: what a telephone writes after its owner has cut
    the beginning"""
    record(path, options={"g": "24", "bf": "0"})
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
    "An image of one frame as the first stream"
    with av.open(str(path), "w") as video:
        cover, moving = stream_of(video, "mjpeg", (32, 24), "yuvj420p"), stream_of(video)
        for packet in [*packets(cover, [0], (32, 24)), *packets(moving, EVEN)]: video.mux(packet)
    return path

def resized(path, *sizes):
    "An image that changes its size"
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
    "uneven.mkv": lambda path: record(path, np.cumsum(np.resize([.02, .05, .035], 24))),
    "uneven.webm": lambda path: record(path, np.cumsum(np.resize([.02, .05, .035], 24)), **VP8),
    "pause.webm": lambda path: record(path, np.where(EVEN < .3, EVEN, EVEN + 4), **VP8),
    "pause.mp4": lambda path: record(path, np.where(EVEN < .3, EVEN, EVEN + 4)),
    "late.mkv": lambda path: record(path, EVEN + 5),
    "live.webm": lambda path: record(path, container={"live": "1"}, **VP8),
    "fragments.mp4": lambda path: record(path, container={"movflags": "frag_keyframe+empty_moov"},
                                         options={"g": "6"}),
    "trimmed.mp4": trimmed,
    "cover.mkv": covered,
    "smaller.webm": lambda path: resized(path, (160, 120), (80, 60), (160, 120)),
    "av1.mp4": lambda path: record(path, codec="libsvtav1"),
}

@pytest.mark.parametrize("name", KINDS)
def test_announced_counts_are_not_believed(tmp_path, name):
    "Every frame that the file shows, in Python and in the page, at the same times"
    path = KINDS[name](tmp_path / name)
    frames = list(read_frames(path)[0])
    assert len(frames) == (12 if name == "trimmed.mp4" else 24)
    ask = dict(url=f"./videos/{name}", which=[0, len(frames) - 1])
    with open_page("divergence.html", {"/videos/": tmp_path}) as tab:
        found = tab.evaluate("ask => slr.decoded(ask)", ask)
    assert len(found["times"]) == len(frames)
    assert np.abs(np.array(found["times"]) - frame_times(path)).max() < 1e-6
    for k, image in zip(ask["which"], found["images"]):
        theirs = np.frombuffer(base64.b64decode(image), np.uint8).reshape(frames[k].shape)
        assert np.abs(theirs.astype(int) - frames[k]).max() <= 3

CUT = {"index first.mp4": dict(container={"movflags": "faststart"}), "index last.mp4": {},
       "a.mkv": {}, "a.webm": VP8, "a.avi": {},
       "a.3gp": {}, "a.mov": {}, "a.wmv": dict(codec="wmv2"),
       "a.gif": dict(codec="gif", pixels="rgb8")}


@pytest.mark.parametrize("share", [.5, .93])
@pytest.mark.parametrize("name", CUT)
def test_files_that_break_off(tmp_path, name, share):
    path = record(tmp_path / name, **CUT[name])
    assert len(list(read_frames(path)[0])) == 24
    path.write_bytes(path.read_bytes()[:int(share * path.stat().st_size) | 1])
    with pytest.raises(InputError, match=name): list(read_frames(path)[0])
    if path.suffix in (".mp4", ".webm"):
        with pytest.raises(InputError, match=name): decoded_frames(path, [0])

def test_an_image_that_is_turned_midway(tmp_path):
    path = resized(tmp_path / "turning.webm", (160, 120), (120, 160))
    with pytest.raises(InputError, match="turning.webm"): list(read_frames(path)[0])
    with pytest.raises(InputError, match="turning.webm"): decoded_frames(path, range(24))

@pytest.mark.parametrize("kind", ["sound", "cover"])
def test_no_moving_image(tmp_path, kind):
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

# ---- tables
# --------------------------------------------------------------------------------------------------

@pytest.fixture(scope="module")
def table():
    return procedural_table(["SUNRISE", "SUNSET", "SAY"], ["ada", "ben"], 1)

WORDS = ["None", "NA", "nan", "001", "TRUE", "1.0"]

def spoter_csv(path, table, labels, down=False, scale=1., text=str, separator=",", encoding="utf-8",
               **columns):
    "A file in SPOTER's layout, a line for each label"
    lines = []
    for label, row in zip(labels, itertools.cycle(table.itertuples())):
        xy = np.nan_to_num(row.landmarks) * scale
        if not down: xy[..., 1] = np.where(xy[..., 0] == 0, 0, scale - xy[..., 1])
        lists = {f"{name}_{axis}": text(xy[:, place, k].round(4).tolist())
                 for name, place in SPOTER_POINTS.items()
                 for k, axis in enumerate("XY")}
        lines.append({**lists, "labels": label})
    pd.DataFrame(lines).assign(**columns).to_csv(path, index=False, sep=separator,
                                                 encoding=encoding)
    return path

def test_labels_stay_text(table, tmp_path):
    assert list(load(spoter_csv(tmp_path / "words.csv", table, WORDS)).gloss) == WORDS
    write_table(table.assign(gloss=WORDS), tmp_path / "words.parquet")
    assert list(load(tmp_path / "words.parquet").gloss) == WORDS
    np.savez(tmp_path / "words.npz", gloss=WORDS, group=WORDS, landmarks=np.full((6, 3, 75, 2), .5))
    assert list(load(tmp_path / "words.npz").gloss) == list(
        load(tmp_path / "words.npz").group) == WORDS
    with h5py.File(tmp_path / "words.hdf5", "w") as file:
        for k, word in enumerate([*WORDS, 7]):
            for key, value in dict(video_name="a/b.mp4", label=word,
                                   data=np.full((3, 2, 543), .5)).items():
                file[f"{k}/{key}"] = value
    assert list(load(tmp_path / "words.hdf5").gloss) == [*WORDS, "7"]

def external(file, place): file["0"] = h5py.ExternalLink(place / "other.hdf5", "/0")
def circle(file, place): file["0"] = h5py.SoftLink("/0")
def nowhere(file, place): file["0"] = h5py.SoftLink("/1")
def dataset(file, place): file["0"] = np.zeros(3)
def inner_external(file, place): file["0/data"] = h5py.ExternalLink(place / "other.hdf5", "/0/data")
def inner_circle(file, place): file["0/data"] = h5py.SoftLink("/0/data")
def stored_elsewhere(file, place):
    file.create_dataset("0/data", (3, 2, 543), "f4",
                        external=[(str(place / "other.hdf5"), 0, h5py.h5f.UNLIMITED)])
def endless(file, place): file.create_dataset("0/data", (10**9, 2, 543), "f4", chunks=(1, 2, 543))
def virtual(file, place):
    layout = h5py.VirtualLayout((3, 2, 543), "f4")
    layout[:] = h5py.VirtualSource(place / "other.hdf5", "/0/data", (3, 2, 543))
    file.create_virtual_dataset("0/data", layout)
def text(file, place): file["0/data"] = "here"
def complex_numbers(file, place): file["0/data"] = np.zeros((3, 2, 543), complex)
def records(file, place): file["0/data"] = np.zeros((3, 2, 543), [("a", "f4")])
def two_labels(file, place): file["0/label"] = ["a", "b"]
def no_text(file, place): file["0/label"] = b"\xff\xfe"
def number_for_a_name(file, place): file["0/video_name"] = 3

@pytest.mark.parametrize("spoil", [external, circle, nowhere, dataset, inner_external, inner_circle,
                                   stored_elsewhere, endless, virtual, text,
                                   complex_numbers, records, two_labels, no_text,
                                   number_for_a_name], ids=lambda one: one.__name__)
def test_hdf5_that_leads_elsewhere(tmp_path, spoil):
    "A file must not make us read another one, run in a circle, or fill the memory"
    sound = dict(video_name="a/b.mp4", label="yes", data=np.full((3, 2, 543), .5, "f4"))
    with h5py.File(tmp_path / "other.hdf5", "w") as file:
        for key, value in sound.items(): file[f"0/{key}"] = value
    assert len(load(tmp_path / "other.hdf5")) == 1
    with h5py.File(tmp_path / "spoilt.hdf5", "w") as file:
        spoil(file, tmp_path)
        if isinstance(file.get("0", getlink=True),
                      h5py.HardLink) and isinstance(file["0"], h5py.Group):
            for key in sound.keys() - set(file["0"]): file[f"0/{key}"] = sound[key]
    with pytest.raises(InputError, match="spoilt.hdf5"): load(tmp_path / "spoilt.hdf5")

@pytest.mark.parametrize("column", ["id", "gloss", "group"])
def test_numbers_become_text(table, tmp_path, column):
    table.assign(**{column: range(6)}, landmarks=[x.ravel() for x in table.landmarks]).to_parquet(
        tmp_path / "n.parquet")
    assert list(load(tmp_path / "n.parquet")[column]) == list("012345")
    table.assign(**{column: [1, None, 3, 4, 5, 6]},
                 landmarks=[x.ravel() for x in table.landmarks]).to_parquet(tmp_path / "n.parquet")
    with pytest.raises(InputError, match=f"n.parquet.*{column}.*row 2"):
        load(tmp_path / "n.parquet")

DIALECTS = {"semicolons": dict(separator=";"), "tabs": dict(separator="\t"),
            "mark": dict(encoding="utf-8-sig"),
            "utf-16": dict(encoding="utf-16"),
            "nan": dict(text=lambda x: str(x).replace(" 0.0,", " nan,")),
            "downwards": dict(down=True), "named": dict(down=True, label_name="çalışmak")}

@pytest.mark.parametrize("kind", DIALECTS)
def test_dialects_of_a_list(table, tmp_path, kind):
    found = load(spoter_csv(tmp_path / "a.csv", table, range(6), **DIALECTS[kind]))
    places = list(SPOTER_POINTS.values())
    for before, after in zip(table.landmarks, found.landmarks):
        np.testing.assert_allclose(after[:, places], before[:, places], atol=1e-3)
    assert set(found.gloss) == ({"çalışmak"} if kind == "named" else set("012345"))
    assert set(found.engine) == ({"mediapipe-holistic"} if "down" in DIALECTS[kind]
                                 else {"apple-vision"})

SPOILT_LISTS = {
    "latin": dict(encoding="latin-1", label_name="café"), "pixels": dict(scale=640.),
    "an empty label": dict(labels=["a", "", "b"]),
    "infinite": dict(text=lambda x: str(x).replace("[0", "[Infinity, 0", 1)),
    "empty": dict(text=lambda x: "[]"),
    "words": dict(text=lambda x: "here")}

@pytest.mark.parametrize("kind", SPOILT_LISTS)
def test_spoilt_lists(table, tmp_path, kind):
    path = spoter_csv(tmp_path / "spoilt.csv", table, **{"labels": range(3), **SPOILT_LISTS[kind]})
    with pytest.raises(InputError, match="spoilt.csv"): load(path)

@pytest.mark.parametrize("data", [b"", b"nose_X,labels\n", b"\xff\xfe\x00", b"a,b\n1\n",
                                  b"a\0b,c\n1,2\n", b'a,b\n"1,2\n'])
def test_files_that_are_no_lists(tmp_path, data):
    (tmp_path / "none.csv").write_bytes(data)
    with pytest.raises(InputError, match="none.csv"): load(tmp_path / "none.csv")

GROUPS = {"comma": ["Silva, Ana", "Paz, Ben"], "long": ["a" * 270, "b" * 270],
          "slash": ["2024/ana", "../ben"],
          "numbers": ["001", "2"], "words": ["all", "last"], "dots": ["..", "."]}

@pytest.mark.parametrize("kind", GROUPS)
def test_any_group_can_be_left_out(table, tmp_path, kind):
    people = table.assign(group=GROUPS[kind] * 3)
    assert make_folds(people, "loso", "all") == sorted(GROUPS[kind])
    places = {Experiment("x.parquet", fold, "arm", 0, print).folder(tmp_path)
              for fold in GROUPS[kind]}
    assert len(places) == 2
    for place in places:
        place.mkdir(parents=True)
        assert (
            tmp_path / "x" in place.resolve().parents
            and place.resolve().parent.parent == tmp_path / "x"
        )
    if kind == "comma": assert make_folds(people, "loso", "Silva, Ana") == ["Silva, Ana"]
    if kind == "numbers":
        assert make_folds(people, "loso", 1) == ["001"] and make_folds(people, "loso", 2) == ["2"]

def test_every_source_is_a_table(table, tmp_path):
    "Whatever can be read can be written as a table, and read again"
    spoter_csv(tmp_path / "a.csv", table, range(6))
    np.savez(tmp_path / "a.npz", gloss=["x"], signer=[1], landmarks=np.full((1, 3, 258), .5))
    for take in range(11):
        folder = tmp_path / "frames" / "hello" / str(take)
        folder.mkdir(parents=True)
        for frame in range(12): np.save(folder / f"{frame}.npy", np.full(1662, .1 + frame / 100))
    for name in "a.csv", "a.npz", "frames":
        found = load(tmp_path / name)
        write_table(found, tmp_path / "converted.parquet")
        again = load(tmp_path / "converted.parquet")
        for before, after in zip(found.landmarks, again.landmarks):
            np.testing.assert_array_equal(before, after)
    assert (np.diff(found.landmarks[10][:, 0, 0]) > 0).all()
    assert load(tmp_path / "frames", signers="ana=0-4,ben=5-10").group.value_counts().to_dict() == {
        "ana": 5, "ben": 6}

@pytest.mark.parametrize("name", ["gone.parquet", "gone.csv", "nowhere/gone.npz", "klingon"])
def test_a_source_that_is_not_there(name):
    with pytest.raises(InputError, match=f"(file|set) '?{name}"): load(name)
