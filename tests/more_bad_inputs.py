"""More bad inputs for test_bad_input.py: what an attacker tries after those of bad_inputs.py."""

import json
import os
import socket
import struct
import zipfile

import numpy as np
import onnx
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from bad_inputs import (
    CASES,
    Case,
    answer,
    case,
    command,
    constant,
    copy_checkpoint,
    model,
    node,
    rows,
    tensor,
    with_column,
)
from onnx import TensorProto, helper

__all__ = ["CASES"]

# ---- things that are no files ------------------------------------------------------------------

SPECIAL = {
    "pipe": lambda path: os.mkfifo(path),
    "zeros": lambda path: path.symlink_to("/dev/zero"),
    "null": lambda path: path.symlink_to("/dev/null"),
    "circle": lambda path: path.symlink_to(path),
    "nowhere": lambda path: path.symlink_to(path.with_name("gone")),
}


def listen(path):
    "A socket with a name in the file system"
    before = os.getcwd()
    os.chdir(path.parent)  # a name may have 108 bytes
    try:
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(path.name)
    finally:
        os.chdir(before)


SPECIAL["socket"] = listen
READERS = {
    "info parquet": ("info", "x.parquet"),
    "info npz": ("info", "x.npz"),
    "info csv": ("info", "x.csv"),
    "info hdf5": ("info", "x.hdf5"),
    "info pose": ("info", "x.pose"),
    "predict": ("predict", "x.onnx"),
    "predict slr": ("predict", "x.slr"),
    "pack": ("pack", "x.onnx"),
    "extract": ("extract", "x.mp4"),
}


@case("no file", [f"{reader}: {what}" for reader in READERS for what in SPECIAL])
def no_file(kit, folder, both):
    reader, what = both.split(": ")
    verb, name = READERS[reader]
    SPECIAL[what](folder / name)
    more = {"predict": [kit["parquet"]], "predict slr": [kit["parquet"]],
            "pack": ["--out", folder / "o.slr"],
            "extract": ["--out", folder / "o.parquet", "--workers", 1]}
    return command(verb, folder / name, *more.get(verb, []), named=name)


@case(
    "no file inside",
    [
        "checkpoint pipe",
        "checkpoint zeros",
        "frame pipe",
        "frame zeros",
        "video pipe",
        "result pipe",
    ],
)
def no_file_inside(kit, folder, both):
    what, how = both.split()
    if what == "checkpoint":
        target = copy_checkpoint(kit, folder)
        (target / "model.json").unlink()
        SPECIAL[how](target / "model.json")
        return command("export", target, named=["checkpoint", "model.json"])
    if what == "result":
        (folder / "run/results").mkdir(parents=True)
        SPECIAL[how](folder / "run/results/05_training.json")
        return command("results", folder / "run", named=["05_training.json", "run"])
    if what == "video":
        SPECIAL[how](folder / "hello_ana_1.mp4")
        return command(
            "extract", folder, "--out", folder / "o.parquet", "--workers", 1, named=folder.name
        )
    place = folder / "frames/hello/0"
    place.mkdir(parents=True)
    SPECIAL[how](place / "0.npy")
    return command("info", folder / "frames", named=["frames", "0.npy"])


# ---- tables ------------------------------------------------------------------------------------


def mixed(name, *values):
    return lambda df: df.assign(**{name: [values[k % len(values)] for k in range(len(df))]})


WRONG = {
    "fps negative": with_column("fps", -25.0),
    "fps inf": with_column("fps", np.inf),
    "fps text": with_column("fps", "fast"),
    "width negative": with_column("width", -640.0),
    "height inf": with_column("height", np.inf),
    "width text": with_column("width", "wide"),
    "frames text": with_column("frames", "many"),
    "frames half": lambda df: df.assign(frames=df.frames + 0.5),
    "frames nan": with_column("frames", np.nan),
    "gloss list": with_column("gloss", ["a", "b"]),
    "gloss struct": with_column("gloss", {"a": 1}),
    "gloss bytes": with_column("gloss", b"\xff\xfe"),
    "group list": with_column("group", ["a"]),
    "id list": with_column("id", ["x"]),
    "pixels": lambda df: df.assign(landmarks=[[640.0 * v for v in x] for x in df.landmarks]),
    "huge": lambda df: df.assign(landmarks=[[1e30] * len(x) for x in df.landmarks]),
    "landmarks bytes": with_column("landmarks", b"\0" * 600),
    "landmarks bool": lambda df: df.assign(landmarks=[[True] * len(x) for x in df.landmarks]),
    "landmarks words": lambda df: df.assign(landmarks=[["a"] * len(x) for x in df.landmarks]),
    "landmarks ragged": lambda df: df.assign(
        landmarks=[[[[0.5, 0.5]] * 75, [[0.5, 0.5]] * 74] for _ in df.landmarks], frames=2
    ),
    "landmarks structs": with_column("landmarks", [{"x": 0.5}]),
}


@case("table value", WRONG)
def wrong_value(kit, folder, how):
    WRONG[how](rows(kit["table"])).to_parquet(folder / "wrong.parquet", index=False)
    return command("info", folder / "wrong.parquet", named="wrong.parquet")


@case(
    "table form",
    [
        "two columns of a name",
        "no columns",
        "a dictionary of landmarks",
        "list of nothing",
        "dates",
    ],
)
def wrong_form(kit, folder, how):
    path, df = folder / "form.parquet", rows(kit["table"])
    plain = pa.Table.from_pandas(df, preserve_index=False)
    if how == "two columns of a name":
        plain = plain.append_column("gloss", plain["gloss"])
    if how == "no columns":
        plain = pa.table({})
    if how == "list of nothing":
        plain = plain.set_column(
            plain.column_names.index("landmarks"),
            "landmarks",
            pa.array([[]] * len(df), pa.list_(pa.null())),
        )
    if how == "a dictionary of landmarks":
        kind = pa.map_(pa.string(), pa.float32())
        plain = plain.set_column(
            plain.column_names.index("landmarks"),
            "landmarks",
            pa.array([[("a", 1.0)]] * len(df), kind),
        )
    if how == "dates":
        plain = plain.set_column(
            plain.column_names.index("fps"), "fps", pa.array([pd.Timestamp("2024-01-01")] * len(df))
        )
    pq.write_table(plain, path)
    return command("info", path, named="form.parquet")


# ---- archives of NumPy -------------------------------------------------------------------------

GOOD = np.full((2, 3, 75, 2), 0.5, np.float32)
ARRAYS = {
    "complex": dict(landmarks=GOOD.astype(complex)),
    "text": dict(landmarks=np.full((2, 3, 75, 2), "a")),
    "dates": dict(landmarks=np.zeros((2, 3, 75, 2), "M8[s]")),
    "records": dict(landmarks=np.zeros((2, 3, 75, 2), [("x", "f4")])),
    "void": dict(landmarks=np.zeros((2, 3, 75, 2), "V8")),
    "three points": dict(landmarks=GOOD[:, :, :3]),
    "no clips": dict(landmarks=GOOD[:0], gloss=[], group=[]),
    "no frames": dict(landmarks=GOOD[:, :0]),
    "infinite": dict(landmarks=GOOD * np.inf),
    "pixels": dict(landmarks=GOOD * 640),
    "one number": dict(landmarks=np.float32(3)),
    "two labels each": dict(gloss=[["a", "b"], ["c", "d"]]),
    "three labels": dict(gloss=["a", "b", "c"]),
    "blank label": dict(gloss=["a", ""]),
    "frames negative": dict(landmarks=GOOD[0], frames=[-3, 6]),
    "frames text": dict(landmarks=GOOD[0], frames=["a", "b"]),
    "frames nan": dict(landmarks=GOOD[0], frames=[np.nan, 3]),
    "frames too many": dict(landmarks=GOOD[0], frames=[3, 3]),
    "frames padded beyond": dict(frames=[3, 9]),
}


@case("npz", ARRAYS)
def bad_arrays(kit, folder, how):
    np.savez(
        folder / "bad.npz",
        **{"landmarks": GOOD, "gloss": ["a", "b"], "group": ["x", "y"], **ARRAYS[how]},
    )
    return command("info", folder / "bad.npz", named="bad.npz")


def header(text, data=b"", version=b"\1\0"):
    "A .npy file with a header of one's own"
    return b"\x93NUMPY" + version + struct.pack("<H", len(text)) + text.encode() + data


HEADERS = {
    "a program": header("__import__('os').system('true')"),
    "endless shape": header(
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000, 1000, 75, 2)}"
    ),
    "negative shape": header(
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-1, 3, 75, 2)}", bytes(1800)
    ),
    "no shape": header("{'descr': '<f4'}"),
    "unknown kind": header("{'descr': '<q9', 'fortran_order': False, 'shape': (2,)}"),
    "pickled": header(
        "{'descr': '|O', 'fortran_order': False, 'shape': (2,)}", b"cos\nsystem\n(S'true'\ntR."
    ),
    "deep": header("(" * 5000),
    "version 9": header("{}", version=b"\x09\0"),
    "nothing": b"",
    "zeros": bytes(64),
}


@case("npy header", [f"{where} {what}" for where in ("archive", "frame") for what in HEADERS])
def bad_header(kit, folder, both):
    where, what = both.split(" ", 1)
    if where == "frame":
        (folder / "frames/hello/0").mkdir(parents=True)
        (folder / "frames/hello/0/0.npy").write_bytes(HEADERS[what])
        return command("info", folder / "frames", named="0.npy")
    with zipfile.ZipFile(folder / "bad.npz", "w") as out:
        out.writestr("landmarks.npy", HEADERS[what])
        for name in ("gloss", "group"):
            out.writestr(
                f"{name}.npy",
                header(
                    "{'descr': '<U1', 'fortran_order': False, 'shape': (2,)}",
                    "ab".encode("utf-32-le"),
                ),
            )
    return command("info", folder / "bad.npz", named="bad.npz")


TREES = {
    "a pixel": [np.full(1662, 640.0)],
    "infinite": [np.full(1662, np.inf)],
    "two lengths": [np.full(1662, 0.5), np.full(100, 0.5)],
    "a word": [np.array("here")],
    "a cube": [np.zeros((2, 3, 4))],
    "complex": [np.full(1662, 0.5j)],
    "nothing": [np.empty(0)],
    "words": [np.full(1662, "a")],
}


@case("frames", TREES)
def bad_tree(kit, folder, what):
    for take in "01":
        (folder / "frames/hello" / take).mkdir(parents=True)
        for frame, content in enumerate(TREES[what]):
            np.save(folder / f"frames/hello/{take}/{frame}.npy", content)
    return command("info", folder / "frames", named=["frames", "0.npy", "1.npy"])


@case(
    "signers",
    [
        "ana=5-1",
        "ana",
        "=0-3",
        "ana=0-",
        "ana=0-3,ben=2-5",
        "ana=a-b",
        "ana=0",
        "ana=-1-3",
        "ana=0-9999999999999999999999999x",
    ],
)
def bad_signers(kit, folder, value):
    for take in "012":
        (folder / "frames/hello" / take).mkdir(parents=True)
        np.save(folder / f"frames/hello/{take}/0.npy", np.full(1662, 0.5))
    return command(
        "convert",
        folder / "frames",
        "--out",
        folder / "o.parquet",
        f"--signers={value}",
        named=[value, "signers", "hello"],
    )


# ---- .pose -------------------------------------------------------------------------------------


@case("pose", ["frames", "people", "points", "version", "a component", "text", "nan size"])
def bad_pose(kit, folder, what):
    "Headers of the format .pose, version 0.2, that promise what is not there"
    many = {"frames": 2**32 - 1, "people": 65535}
    name = lambda text: struct.pack("<H", len(text)) + text
    points = 2**16 - 1 if what == "points" else 1
    component = (
        name(b"\xff\xfe" if what == "text" else b"POSE_LANDMARKS")
        + name(b"XYZC")
        + struct.pack("<HHH", points, 0, 0)
        + name(b"NOSE")
    )
    data = struct.pack("<f", 9.9 if what == "version" else 0.2) + struct.pack("<HHH", 640, 480, 0)
    data += struct.pack("<H", 65535 if what == "a component" else 1) + component
    data += struct.pack("<f", float("nan") if what == "nan size" else 25.0) + struct.pack(
        "<I", many.get(what, 1) if what == "frames" else 1
    )
    data += struct.pack("<H", many["people"] if what == "people" else 1) + bytes(16)
    (folder / "bad.pose").write_bytes(data)
    return command("info", folder / "bad.pose", named="bad.pose")


# ---- models ------------------------------------------------------------------------------------


def chain(count):
    "A very long row of operators"
    nodes = [
        helper.make_node("Identity", ["x" if k == 0 else f"n{k}"], [f"n{k + 1}"])
        for k in range(count)
    ]
    return model([*nodes, *answer(f"n{count}")])


def circle():
    return model(
        [
            helper.make_node("Add", ["x", "b"], ["a"]),
            helper.make_node("Add", ["x", "a"], ["b"]),
            *answer("b"),
        ]
    )


def outer():
    "Every number times every other one"
    flat = [
        node("Reshape", "x", "flat"),
        helper.make_node("Einsum", ["y", "y"], ["z"], equation="a,b->ab"),
        helper.make_node("Einsum", ["z", "y"], ["w"], equation="ab,c->abc"),
        *answer("w"),
    ]
    return model(flat, [constant([-1], "flat")])


def changed(**change):
    made = model(answer())
    for name, value in change.items():
        if name == "opset":
            made.opset_import[0].version = value
        else:
            setattr(made, name, value)
    return made


def sparse():
    made = model([helper.make_node("Identity", ["w"], ["probabilities"])])
    part = made.graph.sparse_initializer.add()
    part.values.CopyFrom(helper.make_tensor("w", TensorProto.FLOAT, [1], [1.0]))
    part.indices.CopyFrom(helper.make_tensor("i", TensorProto.INT64, [1], [10**9]))
    part.dims.extend([10**12])
    return made


GRAPHS = {
    "long chain": lambda: chain(20_000),
    "circle": circle,
    "outer product": outer,
    "opset 999": lambda: changed(opset=999),
    "opset 0": lambda: changed(opset=0),
    "ir 999": lambda: changed(ir_version=999),
    "sparse": sparse,
    "same name twice": lambda: model([*answer(), *answer()]),
    "random": lambda: model(
        [helper.make_node("RandomNormal", [], ["y"], shape=[10**6, 10**6]), *answer("y")]
    ),
    "eye": lambda: model(
        [node("EyeLike", "big"), *answer("y")],
        [constant(np.zeros((8, 8), np.float32), "big")],
        inputs=[tensor("x", ("T", 75, 2))],
    ),
    "one hot": lambda: model(
        [helper.make_node("OneHot", ["i", "d", "v"], ["y"]), *answer("y")],
        [constant([1], "i"), constant(10**11, "d"), constant(np.float32([0, 1]), "v")],
    ),
    "resize": lambda: model(
        [helper.make_node("Resize", ["x", "", "s"], ["y"]), *answer("y")],
        [constant(np.float32([1e4, 1e4, 1e4]), "s")],
    ),
    "pooling": lambda: model(
        [
            node("Unsqueeze", "x", "a"),
            helper.make_node("MaxPool", ["y"], ["z"], kernel_shape=[1, 1], pads=[2**30] * 4),
            *answer("z"),
        ],
        [constant([0], "a")],
    ),
    "answers integers": lambda: model(
        [
            helper.make_node("Cast", ["m"], ["probabilities"], to=TensorProto.INT64),
            helper.make_node("ReduceMax", ["x"], ["m"], keepdims=0),
        ]
    ),
    "negative": lambda: model(
        [helper.make_node("Identity", ["n"], ["probabilities"])],
        [constant(np.float32([-1, -2, -3]), "n")],
    ),
    "not one": lambda: model(
        [helper.make_node("Identity", ["n"], ["probabilities"])],
        [constant(np.float32([7, 8, 9]), "n")],
    ),
    "text": lambda: model(
        [helper.make_node("Identity", ["n"], ["probabilities"])],
        [helper.make_tensor("n", TensorProto.STRING, [3], [b"a", b"b", b"c"])],
    ),
}
GLOSSES = {
    "twice": '["a", "a", "b"]',
    "nested": '[["a"], "b", "c"]',
    "a million": json.dumps(["a"] * 10**6),
    "numbers as keys": '[{"a": 1}, "b", "c"]',
    "surrogate": '["\\ud800", "b", "c"]',
}


@case("graph", [*GRAPHS, *(f"glosses {name}" for name in GLOSSES)])
def bad_graph(kit, folder, name):
    made = (
        GRAPHS[name]()
        if name in GRAPHS
        else model(answer(), notes={"glosses": GLOSSES[name.removeprefix("glosses ")]})
    )
    onnx.save(made, folder / "bad.onnx")
    return command("predict", folder / "bad.onnx", kit["parquet"], named="bad.onnx")


# ---- checkpoints -------------------------------------------------------------------------------


def safetensors(meta, data=b"", length=None):
    text = meta if isinstance(meta, bytes) else json.dumps(meta).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data


WEIGHTS = {
    "endless header": lambda sound: safetensors(b"{}", length=2**63),
    "deep header": lambda sound: safetensors(b"[" * 100_000),
    "beyond the end": lambda sound: safetensors(
        {"a": {"dtype": "F32", "shape": [10**9], "data_offsets": [0, 4 * 10**9]}}
    ),
    "overlap": lambda sound: safetensors(
        {name: {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]} for name in "ab"}, bytes(8)
    ),
    "unknown kind": lambda sound: safetensors(
        {"a": {"dtype": "F7", "shape": [2], "data_offsets": [0, 8]}}, bytes(8)
    ),
    "nothing": lambda sound: safetensors({}),
    "another tensor": lambda sound: safetensors(
        {"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}, bytes(8)
    ),
}


@case("safetensors", WEIGHTS)
def bad_weights(kit, folder, how):
    target = copy_checkpoint(kit, folder)
    path = target / "model.safetensors"
    path.write_bytes(WEIGHTS[how](path.read_bytes()))
    return command("export", target, named="checkpoint")


# ---- results -----------------------------------------------------------------------------------

ODD_RESULTS = {
    "no figures": "{}",
    "figures a list": '{"figures": [1]}',
    "figures null": '{"figures": null}',
    "a text": '{"figures": {"a": "b"}}',
    "a list": '{"figures": {"a": [1]}}',
    "null": '{"figures": {"a": null}}',
    "nested": '{"figures": {"a": {"b": 1}}}',
    "nan": '{"figures": {"a": NaN}}',
    "too large": '{"figures": {"a": 1e999}}',
    "true": '{"figures": {"a": true}}',
}


@case("odd result", ODD_RESULTS)
def odd_result(kit, folder, what):
    (folder / "run/results").mkdir(parents=True)
    (folder / "run/results/05_training.json").write_text(ODD_RESULTS[what])
    return command("results", folder / "run", named="05_training.json")


# ---- videos ------------------------------------------------------------------------------------

LISTS = {
    "playlist": "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{}\n#EXT-X-ENDLIST\n",
    "concat": "ffconcat version 1.0\nfile '{}'\n",
    "far playlist": "#EXTM3U\n#EXTINF:9,\nhttp://192.0.2.1/x.ts\n",
    "page": "<html><body>404</body></html>",
    "subtitles": "1\n00:00:00,000 --> 00:00:01,000\nhello\n",
    "session": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\n"
    "m=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n",
    "manifest": "<?xml version='1.0'?><MPD xmlns='urn:mpeg:dash:schema:mpd:2011'></MPD>",
}


@case("video list", LISTS)
def video_list(kit, folder, what):
    "A text that sends FFmpeg to other files, or to the network"
    (folder / "clip_ana_1.mp4").write_text(LISTS[what].format(kit["video"]))
    return command(
        "extract",
        folder / "clip_ana_1.mp4",
        "--out",
        folder / "o.parquet",
        "--workers",
        1,
        named="clip_ana_1.mp4",
    )


@case("picture", ["png", "jpeg", "one gif frame", "wav"])
def not_moving(kit, folder, kind):
    "Files that FFmpeg opens, and that show no sign"
    import cv2

    path = folder / "clip_ana_1.mp4"
    if kind == "wav":
        path.write_bytes(
            b"RIFF\x2c\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0\x40\x1f\0\0\x40\x1f\0\0\1\0\x08\0"
            b"data\x08\0\0\0"
            + bytes(8)
        )
    elif kind == "one gif frame":
        path.write_bytes(
            bytes.fromhex("47494638396101000100800000000000ffffff2c00000000010001000002024401003b")
        )
    else:
        path.write_bytes(
            cv2.imencode(
                {"png": ".png", "jpeg": ".jpg"}[kind], np.full((48, 64, 3), 127, np.uint8)
            )[1].tobytes()
        )
    return command(
        "extract", path, "--out", folder / "o.parquet", "--workers", 1, named="clip_ana_1.mp4"
    )


# ---- arguments ---------------------------------------------------------------------------------

ARGUMENTS = {
    "info empty": ["info", ""],
    "info dot": ["info", "."],
    "predict empty": ["predict", "", ""],
    "convert out empty": ["convert", "{parquet}", "--out", ""],
    "convert out dot": ["convert", "{parquet}", "--out", "."],
    "train out empty": ["train", "{parquet}", "--out", ""],
    "train out a file": ["train", "{parquet}", "--out", "{parquet}"],
    "train leave out nobody": ["train", "{parquet}", "--out", "{folder}/o", "--leave-out", ""],
    "train seed huge": [
        "train",
        "{parquet}",
        "--out",
        "{folder}/o",
        "--seed",
        "99999999999999999999",
    ],
    "extract twice the same": ["extract", "{video}", "{video}", "--out", "{folder}/o.parquet"],
    "extract out empty": ["extract", "{video}", "--out", ""],
    "demo port": ["demo", "{model}", "--port", "99999"],
    "demo port negative": ["demo", "{model}", "--port", "-1"],
    "data info up": ["data", "info", "../../etc/passwd"],
    "data fetch empty": ["data", "fetch", ""],
    "data info none": ["data", "info"],
    "results update folder": ["results", "--update", "{folder}"],
    "site out empty": ["site", "", "--model", "{model}"],
    "export out empty": ["export", "{checkpoint}", "--out", ""],
    "export a model": ["export", "{model}"],
    "predict two sources": ["predict", "{model}", "{parquet}", "{parquet}"],
    "model and table exchanged": ["predict", "{parquet}", "{model}"],
    "predict a checkpoint": ["predict", "{checkpoint}", "{parquet}"],
    "train a model": ["train", "{model}", "--out", "{folder}/o"],
    "train a video": ["train", "{video}", "--out", "{folder}/o"],
    "extract a table": ["extract", "{parquet}", "--out", "{folder}/o.parquet", "--workers", "1"],
    "info a video": ["info", "{video}"],
    "convert a model": ["convert", "{model}", "--out", "{folder}/o.parquet"],
    "demo a table": ["demo", "{parquet}"],
    "workers a float": ["extract", "{video}", "--out", "{folder}/o.parquet", "--workers", "1.5"],
    "workers huge": ["extract", "{video}", "--out", "{folder}/o.parquet", "--workers", "1000000"],
}


@case("arguments", ARGUMENTS)
def bad_arguments(kit, folder, name):
    known = {
        "folder": str(folder),
        **{key: kit[key] for key in ("parquet", "video", "model", "checkpoint")},
    }
    return Case(arguments=[argument.format(**known) for argument in ARGUMENTS[name]])


# ---- profiles ----------------------------------------------------------------------------------

PROFILES = {
    "empty": "",
    "list": "- a",
    "tab": "run:\t_run/x\n\tb",
    "bomb": "a: &a [x, x]\n"
    + "".join(
        f"{chr(98 + k)}: &{chr(98 + k)} [*{chr(97 + k)}, *{chr(97 + k)}]\n" for k in range(24)
    ),
    "circle": "a: &a [*a]",
    "object": "run: !!python/object/apply:os.system ['true']",
    "key a list": "? [a]\n: b",
    "binary": "run: !!binary '////'",
    "run null": "run:\ntable: tables/procedural.parquet",
    "run up": "run: ../../x\ntable: tables/procedural.parquet",
    "two": "run: _run/a\nrun: _run/b",
    "date": "run: 2024-01-01\ntable: 3",
    "chapters a number": "run: _run/x\ntable: tables/procedural.parquet\nchapters: 3",
    "merge nothing": "run: _run/x\n<<: 3",
    "deep": "[" * 3000,
}


@case("profile", PROFILES)
def bad_profile(kit, folder, what):
    from slr_tiny.core import InputError
    from slr_tiny.pipeline.profiles import profile_problems, read_profile

    path = folder / "mine.yaml"
    path.write_text(PROFILES[what])

    def call():
        problems = profile_problems(read_profile(path))
        if problems:
            raise InputError(f"{path}: {problems[0]}")

    return Case(call=call, named=["mine.yaml"])
