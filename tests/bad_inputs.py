"""The bad inputs of test_bad_input.py, grouped by kind. Each is made by a small function, so
that nothing damaged lies in the repository.

A case is (kind, name, make): `make(kit, folder)` writes what it needs into `folder` and returns
a Case. `kit` holds sound files to damage.
"""
import io
import json
import lzma
import os
import tarfile
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import onnx
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from onnx import TensorProto, helper, numpy_helper

@dataclass
class Case:
    """Arguments of `slr-tiny`, or a function of the library; and words of which the answer must
    have one"""
    arguments: list | None = None
    call: object = None
    named: list = field(default_factory=list)

CASES = []

def case(kind, names):
    "Register a maker for several names of a kind"
    def keep(make):
        for name in names:
            CASES.append((kind, str(name), lambda kit, folder, name=name: make(kit, folder, name)))
        return make
    return keep

def command(*arguments, named):
    return Case(arguments=[str(a) for a in arguments],
                named=[str(n) for n in (named if isinstance(named, list) else [named])])

# ---- bytes that are something else
# ------------------------------------------------------------------------------------------

def other_bytes(sound):
    "The same file as something else"
    return {"empty": b"", "text": b"This is something else.\n", "half": sound[:len(sound) // 2],
            "end cut": sound[:-9],
            "start cut": sound[9:], "zeros": bytes(4096), "zip": b"PK\x03\x04" + bytes(60),
            "image": b"\x89PNG\r\n\x1a\n" + bytes(64)}

OTHER = list(other_bytes(b""))

# ---- tables
# --------------------------------------------------------------------------------------------------

def rows(table):
    return pd.DataFrame(table.drop(columns="landmarks")).assign(
        landmarks=[x.ravel().tolist() for x in table.landmarks])

def with_column(name, value): return lambda df: df.assign(**{name: [value] * len(df)})

SPOILT = {f"no column {name}": lambda df, name=name: df.drop(columns=name)
          for name in ("id", "gloss", "group", "fps", "width", "height", "frames", "landmarks",
                       "engine")} | {
    "no rows": lambda df: df[:0], "double id": with_column("id", "same"),
    "blank gloss": with_column("gloss", ""),
    "gloss None": with_column("gloss", None), "landmarks null": with_column("landmarks", None),
    "landmarks text": with_column("landmarks", "1, 2, 3"),
    "landmarks a number": with_column("landmarks", 3.),
    "landmarks empty": with_column("landmarks", []),
    "landmarks of 54": lambda df: df.assign(landmarks=[x[:108] for x in df.landmarks]),
    "one number more": lambda df: df.assign(landmarks=[[*x, 0.] for x in df.landmarks]),
    "inf": lambda df: df.assign(landmarks=[[np.inf, *x[1:]] for x in df.landmarks]),
    "minus inf": lambda df: df.assign(landmarks=[[-np.inf, *x[1:]] for x in df.landmarks]),
    "frames wrong": lambda df: df.assign(frames=df.frames + 1),
    "frames zero": with_column("frames", 0),
    "frames negative": with_column("frames", -1),
    "one landmark null": lambda df: df.assign(landmarks=[None, *df.landmarks[1:]])}

def write_spoilt(kit, path, how):
    spoilt = SPOILT[how](rows(kit["table"]))
    if how == "landmarks null":      # a column of lists, all of them null
        store = pa.Table.from_pandas(spoilt.drop(columns="landmarks"), preserve_index=False)
        pq.write_table(
            store.append_column("landmarks", pa.nulls(len(spoilt), pa.list_(pa.float32()))), path)
    else: spoilt.to_parquet(path, index=False)
    return path

@case("table", SPOILT)
def spoilt_table(kit, folder, how):
    return command("info", write_spoilt(kit, folder / "spoilt.parquet", how),
                   named="spoilt.parquet")

@case("table to train",
      ["no column group", "no rows", "landmarks null", "inf", "blank gloss", "double id"])
def spoilt_to_train(kit, folder, how):
    return command("train", write_spoilt(kit, folder / "spoilt.parquet", how), "--out",
                   folder / "out", named="spoilt.parquet")

@case("table to predict",
      ["no column engine", "no rows", "landmarks null", "inf", "frames wrong", "landmarks text"])
def spoilt_to_predict(kit, folder, how):
    return command("predict", kit["model"], write_spoilt(kit, folder / "spoilt.parquet", how),
                   named="spoilt.parquet")

@case("table to convert", ["no column id", "no rows", "landmarks null", "minus inf"])
def spoilt_to_convert(kit, folder, how):
    return command("convert", write_spoilt(kit, folder / "spoilt.parquet", how), "--out",
                   folder / "x.parquet", named="spoilt.parquet")

@case("file",
      [f"{suffix} {what}" for suffix in (".parquet", ".npz", ".csv", ".hdf5", ".h5", ".pose")
       for what in OTHER])
def other_file(kit, folder, name):
    suffix, what = name.split(" ", 1)
    if (suffix, what) == (".csv", "start cut"): what = "text"
    sound = Path(kit["parquet"]).read_bytes()
    path = folder / f"broken{suffix}"
    path.write_bytes(other_bytes(sound)[what])
    return command("info", path, named=path.name)

@case("parquet footer", range(1, 8))
def footer(kit, folder, place):
    sound = bytearray(Path(kit["parquet"]).read_bytes())
    for k in range(16): sound[-(40 + 37 * place + k)] ^= 0xFF
    (folder / "footer.parquet").write_bytes(
        sound[:-8] + (b"\xff\xff\xff\x7f" if place == 7 else sound[-8:-4]) + sound[-4:])
    return command("info", folder / "footer.parquet", named="footer.parquet")

@case("train", ["group", "only gloss", "only group", "seed", "epochs", "out"])
def bad_training(kit, folder, what):
    out = folder / "out"
    df = rows(kit["table"])
    if what == "only gloss": df = df.assign(gloss="ONE")
    if what == "only group": df = df.assign(group="ada")
    df.to_parquet(folder / "table.parquet", index=False)
    (folder / "file").write_text("x")
    more = {"group": ["--leave-out", "nobody-known"], "only group": ["--leave-out", "ada"],
            "seed": ["--seed", "-1"], "epochs": ["--epochs", "10000", "--seed", 2**40],
            "out": ["--out", folder / "file"], "only gloss": []}[what]
    return command("train", folder / "table.parquet", "--out", out, *more,
                   named={"group": "nobody-known", "only group": "ada", "seed": "-1",
                          "epochs": str(2**40), "out": "file", "only gloss": "ONE"}[what])

# ---- names
# --------------------------------------------------------------------------------------------------

NAMES = {"nowhere": "nowhere.parquet", "newline": "two\nlines.parquet",
         "escape": "\x1b[2Jclear.parquet", "nul": "nul\0nul.parquet",
         "long": "x" * 5000 + ".parquet", "not utf-8": os.fsdecode(b"caf\xe9.parquet"),
         "below a file": "file/inside.parquet", "turned": "\u202etxt.parquet"}
PLACES = {"info": lambda kit, path, folder: ["info", path],
          "convert": lambda kit, path, folder: ["convert", path, "--out", folder / "o.parquet"],
          "train": lambda kit, path, folder: ["train", path, "--out", folder / "o"],
          "export": lambda kit, path, folder: ["export", path],
          "model": lambda kit, path, folder: ["predict", path, kit["parquet"]],
          "source": lambda kit, path, folder: ["predict", kit["model"], path],
          "demo": lambda kit, path, folder: ["demo", path],
          "site": lambda kit, path, folder: ["site", folder / "o", "--model", path],
          "results": lambda kit, path, folder: ["results", path],
          "extract": lambda kit, path, folder: ["extract", path, "--out", folder / "o.parquet"]}

@case("name", [f"{place}: {name}" for place in PLACES for name in NAMES])
def bad_name(kit, folder, both):
    place, name = both.split(": ")
    (folder / "file").write_text("x")
    visible = {"newline": "lines", "escape": "clear", "nul": "nul", "long": "xxxxx",
               "not utf-8": "caf", "below a file": "file", "turned": "txt"}
    return command(*PLACES[place](kit, f"{folder}/{NAMES[name]}", folder),
                   named=visible.get(name, "nowhere"))

@case("folder", PLACES)
def a_folder(kit, folder, place):
    (folder / "empty.parquet").mkdir()
    return command(*PLACES[place](kit, folder / "empty.parquet", folder), named="empty.parquet")

# ---- where results go
# --------------------------------------------------------------------------------------------------

OUTS = ["folder.parquet", "x.csv", "x", "x.mp4", "file/x.parquet", "/proc/self/nowhere/x.parquet",
        "/dev/null", "nul\0.parquet", "y" * 300 + ".parquet"]

@case("out", [f"{what} {out}" for what in ("convert", "extract") for out in OUTS])
def bad_out(kit, folder, both):
    what, out = both.split(" ", 1)
    (folder / "folder.parquet").mkdir()
    (folder / "file").write_text("x")
    source = kit["parquet"] if what == "convert" else kit["video"]
    return command(what, source, "--out", out if out.startswith("/") else f"{folder}/{out}",
                   named=[out.split("/")[0][:20].split("\0")[0] or "/", "/proc", "/dev/null"])

@case("out of export", ["x.txt", "x", "folder.onnx", "file/x.onnx", "model.json"])
def bad_export(kit, folder, out):
    (folder / "folder.onnx").mkdir()
    (folder / "file").write_text("x")
    return command("export", kit["checkpoint"], "--out", folder / out, named=out.split("/")[0])

@case("out is input", ["convert", "extract", "extract link"])
def same(kit, folder, what):
    if what == "convert":
        (folder / "mine.parquet").write_bytes(Path(kit["parquet"]).read_bytes())
        return command("convert", folder / "mine.parquet", "--out", folder / "mine.parquet",
                       named="mine.parquet")
    (folder / "mine.mp4").write_bytes(Path(kit["video"]).read_bytes())
    if what == "extract":
        return command("extract", folder / "mine.mp4", "--out", folder / "mine.mp4",
                       named="mine.mp4")
    (folder / "mine.parquet").symlink_to(folder / "mine.mp4")
    return command("extract", folder / "mine.mp4", "--out", folder / "mine.parquet",
                   named="mine.parquet")

@case("site", ["other files", "a file", "no model"])
def bad_site(kit, folder, what):
    (folder / "full").mkdir()
    (folder / "full/letter.txt").write_text("keep me")
    out = {"other files": folder / "full", "a file": folder / "full/letter.txt",
           "no model": folder / "new"}[what]
    return command("site", out, "--model", folder / "full" if what == "no model" else kit["model"],
                   named=["full", "letter.txt"])

# ---- usage
# --------------------------------------------------------------------------------------------------

USAGE = ["", "predikt", "extract", "extract x.mp4", "extract x.mp4 --out x.parquet --workers 0",
         "extract x.mp4 --out x.parquet --workers -2",
         "extract x.mp4 --out x.parquet --workers many",
         "extract x.mp4 --out x.parquet --engine eyes",
         "extract x.mp4 --out x.parquet --backend cloud",
         "train x.parquet", "train x.parquet --out y --epochs 0",
         "train x.parquet --out y --epochs 1e9", "train x.parquet --out y --seed x",
         "predict x.onnx", "data", "data steal", "demo x --port high", "site", "convert x.csv",
         "info"]

@case("usage", USAGE)
def bad_usage(kit, folder, line): return Case(arguments=line.split(), named=["usage: slr-tiny"])

# ---- models
# --------------------------------------------------------------------------------------------------

def tensor(name, shape, kind=TensorProto.FLOAT):
    return helper.make_tensor_value_info(name, kind, shape)

def constant(values, name): return numpy_helper.from_array(np.asarray(values), name)

def answer(name="x"): return [helper.make_node("ReduceMax", [name], ["probabilities"], keepdims=0)]

def model(nodes, constants=(), inputs=None, outputs=None, notes=None, domains=(), functions=()):
    graph = helper.make_graph(nodes, "made", inputs or [tensor("x", ("T", 75, 2))],
                              outputs or [tensor("probabilities", (3,))], list(constants))
    made = helper.make_model(graph,
                             opset_imports=[helper.make_opsetid(d, 20) for d in ("", *domains)],
                             functions=list(functions))
    helper.set_model_props(made, {"slr_tiny": "1", "glosses": '["a", "b", "c"]', **(notes or {})})
    return made

def body(kind):
    "A graph for an operator that carries one"
    if kind == "If":
        return helper.make_graph(
            [helper.make_node("Constant", [], ["y"], value=constant([1., 1, 1], "v"))], "b", [],
            [tensor("y", (3,))])
    if kind == "Scan":
        return helper.make_graph([helper.make_node("Identity", ["i"], ["o"])], "b",
                                 [tensor("i", (75, 2))], [tensor("o", (75, 2))])
    return helper.make_graph([helper.make_node("Identity", ["go"], ["on"])], "b",
                             [tensor("k", [], TensorProto.INT64),
                              tensor("go", [], TensorProto.BOOL)],
                             [tensor("on", [], TensorProto.BOOL)])

def external():
    far = constant(np.zeros(3, np.float32), "far")
    far.ClearField("raw_data")
    far.data_location = TensorProto.EXTERNAL
    entry = far.external_data.add()
    entry.key, entry.value = "location", "/etc/passwd"
    return far

def greedy():
    "Asks for more and more, by the length of the clip"
    steps = [helper.make_node("Shape", ["x"], ["s0"])] + [
        helper.make_node("Mul", [f"s{k}", f"s{k}"], [f"s{k + 1}"]) for k in range(3)]
    return model([*steps, helper.make_node("Tile", ["x", "s3"], ["large"]), *answer("large")])

def node(kind, *inputs, **attributes):
    return helper.make_node(kind, list(inputs), ["y"], **attributes)

def claimed():
    "Weights that say to be larger than they are"
    weights = constant(np.zeros(3, np.float32), "w")
    weights.dims[0] = 10**12
    return model([helper.make_node("Identity", ["w"], ["probabilities"])], [weights])

HUGE = constant([10**6, 10**6], "huge")
MODELS = {
    "Expand": lambda: model([node("Expand", "x", "huge"), *answer("y")], [HUGE]),
    "ConstantOfShape": lambda: model([node("ConstantOfShape", "huge"), *answer("y")], [HUGE]),
    "Tile": lambda: model([node("Tile", "x", "huge"), *answer("y")],
                          [constant([10**4, 10**4, 10**4], "huge")]),
    "Range": lambda: model([node("Range", "a", "b", "c"), *answer("y")],
                           [constant(0, "a"), constant(10**12, "b"), constant(1, "c")]),
    "Range without step": lambda: model([node("Range", "a", "b", "c"), *answer("y")],
                                        [constant(0, "a"), constant(9, "b"), constant(0, "c")]),
    "Pad": lambda: model([node("Pad", "x", "huge"), *answer("y")], [constant([10**4] * 6, "huge")]),
    "Constant node": lambda: model([helper.make_node("Constant", [], ["s"], value=HUGE),
                                    node("Expand", "x", "s"), *answer("y")]),
    "Loop": lambda: model([helper.make_node("Loop", ["", ""], [], body=body("Loop")), *answer()]),
    "If": lambda: model([helper.make_node("If", ["c"], ["probabilities"], then_branch=body("If"),
                                          else_branch=body("If"))], [constant(True, "c")]),
    "Scan": lambda: model(
        [helper.make_node("Scan", ["x"], ["y"], body=body("Scan"), num_scan_inputs=1),
         *answer("y")]),
    "sequence": lambda: model([node("SequenceEmpty"), *answer()]),
    "domain": lambda: model(
        [helper.make_node("Run", ["x"], ["probabilities"], domain="evil.example")],
        domains=["evil.example"]),
    "function": lambda: model([helper.make_node("f", ["x"], ["probabilities"], domain="own")],
                              domains=["own"],
                              functions=[
                                  helper.make_function("own", "f", ["i"], ["o"],
                                                       [helper.make_node("Identity", ["i"], ["o"])],
                                                       [helper.make_opsetid("", 20)])]),
    "external": lambda: model([helper.make_node("Identity", ["far"], ["probabilities"])],
                              [external()]),
    "claimed size": claimed,
    "nan": lambda: model([helper.make_node("Identity", ["n"], ["probabilities"])],
                         [constant(np.full(3, np.nan, np.float32), "n")]),
    "inf answer": lambda: model([helper.make_node("Identity", ["n"], ["probabilities"])],
                                [constant(np.full(3, np.inf, np.float32), "n")]),
    "four answers": lambda: model([helper.make_node("Identity", ["n"], ["probabilities"])],
                                  [constant(np.ones(4, np.float32), "n")],
                                  outputs=[tensor("probabilities", ("C",))]),
    "fails": lambda: model([node("Reshape", "x", "s"), *answer("y")], [constant([7], "s")]),
    "unknown operator": lambda: model([helper.make_node("Teleport", ["x"], ["probabilities"])]),
    "loose end": lambda: model([helper.make_node("Identity", ["nothing"], ["probabilities"])]),
    "greedy": greedy,
    "no nodes": lambda: model([]),
    "two inputs": lambda: model(answer(), inputs=[tensor("x", ("T", 75, 2)), tensor("z", (1,))]),
    "no input": lambda: model([helper.make_node("Identity", ["n"], ["probabilities"])],
                              [constant(np.ones(3, np.float32), "n")], inputs=[tensor("n", (3,))]),
    "two outputs": lambda: model([*answer(), helper.make_node("Identity", ["x"], ["z"])],
                                 outputs=[tensor("probabilities", (3,)),
                                          tensor("z", ("T", 75, 2))]),
    "doubles": lambda: model(answer(), inputs=[tensor("x", ("T", 75, 2), TensorProto.DOUBLE)]),
    "integers": lambda: model(answer(), inputs=[tensor("x", ("T", 75, 2), TensorProto.INT64)]),
    "54 points": lambda: model(answer(), inputs=[tensor("x", ("T", 54, 2))]),
    "three coordinates": lambda: model(answer(), inputs=[tensor("x", ("T", 75, 3))]),
    "fixed frames": lambda: model(answer(), inputs=[tensor("x", (70, 75, 2))]),
    "an image": lambda: model(answer(), inputs=[tensor("x", (1, 3, 224, 224))]),
    "a batch of answers": lambda: model(answer(), outputs=[tensor("probabilities", (1, 3))]),
    "more answers": lambda: model(answer(), outputs=[tensor("probabilities", (4,))])}
NOTES = {"glosses: text": "a, b, c", "glosses: cut": '["a", ', "glosses: numbers": "[1, 2, 3]",
         "glosses: an object": '{"a": 1}', "glosses: none": "[]",
         "glosses: null": '["a", null, "c"]',
         "glosses: fewer": '["a"]', "glosses: blank": '["a", "", "c"]',
         "glosses: deep": "[" * 50_000, "training: cut": '{"seed": ', "engine: cut": "[",
         "slr_tiny: missing": ""}

def foreign():
    "A model without our notes"
    made = model(answer())
    del made.metadata_props[:]
    return made

@case("model", [*MODELS, *NOTES, "foreign"])
def bad_model(kit, folder, name):
    key, value = name.split(":")[0], NOTES.get(name)
    if name == "slr_tiny: missing":
        made = foreign()
        helper.set_model_props(made, {"glosses": '["a", "b", "c"]'})
    elif name == "foreign": made = foreign()
    else: made = MODELS[name]() if name in MODELS else model(answer(), notes={key: value})
    onnx.save(made, folder / "bad.onnx")
    return command("predict", folder / "bad.onnx", kit["parquet"], named="bad.onnx")

@case("model bytes", OTHER)
def other_model(kit, folder, what):
    (folder / "bad.onnx").write_bytes(other_bytes(Path(kit["model"]).read_bytes())[what])
    return command("predict", folder / "bad.onnx", kit["parquet"], named="bad.onnx")

# ---- checkpoints
# --------------------------------------------------------------------------------------------------

def change(**new): return lambda meta: {**meta, **new}

def configured(**new): return lambda meta: {**meta, "config": {**meta["config"], **new}}

METAS = {"list": lambda meta: [meta], "number": lambda meta: 3,
         "no config": lambda meta: {k: v for k, v in meta.items() if k != "config"},
         "config a list": change(config=[1]), "layers": configured(layers=10**7),
         "layers text": configured(layers="x"), "layers negative": configured(layers=-1),
         "layers none": configured(layers=0), "layers float": configured(layers=1.5),
         "feedforward": configured(feedforward=10**9), "classes": configured(num_classes=10**9),
         "fewer classes": configured(num_classes=1), "dropout": configured(dropout="x"),
         "dropout large": configured(dropout=7), "position": configured(position="elsewhere"),
         "unknown option": configured(evil=True), "one gloss": change(glosses=["a"]),
         "gloss numbers": change(glosses=[1, 2, 3]), "glosses text": change(glosses="abc"),
         "no glosses": lambda meta: {k: v for k, v in meta.items() if k != "glosses"},
         "version": change(preprocess_version="0"), "weights": change(weights="0" * 16),
         "preprocess": change(preprocess="magic")}

def copy_checkpoint(kit, folder):
    target = folder / "checkpoint"
    target.mkdir()
    for path in Path(kit["checkpoint"]).iterdir():
        (target / path.name).write_bytes(path.read_bytes())
    return target

@case("checkpoint", METAS)
def bad_meta(kit, folder, how):
    target = copy_checkpoint(kit, folder)
    (target / "model.json").write_text(
        json.dumps(METAS[how](json.loads((target / "model.json").read_text()))))
    return command("export", target, named=["checkpoint", "magic"])

@case("checkpoint bytes", [f"{name} {what}" for name in ("model.json", "model.safetensors")
                           for what in [*OTHER, "gone", "latin-1"]])
def other_checkpoint(kit, folder, both):
    name, what = both.split(" ", 1)
    target = copy_checkpoint(kit, folder)
    sound = (target / name).read_bytes()
    (target / name).unlink()
    if what != "gone":
        (target / name).write_bytes(
            {**other_bytes(sound), "latin-1": '{"é": 1}'.encode("latin-1")}[what])
    return command("export", target, named="checkpoint")

@case("checkpoint weights", ["nan", "inf", "-inf"])
def dead_weights(kit, folder, what):
    from safetensors.torch import load_file, save_file
    from slr_tiny.core import content_hash
    target = copy_checkpoint(kit, folder)
    weights = load_file(target / "model.safetensors")
    weights["classifier.bias"][0] = float(what)
    save_file(weights, target / "model.safetensors")
    meta = json.loads((target / "model.json").read_text())
    (target / "model.json").write_text(
        json.dumps({**meta, "weights": content_hash(target / "model.safetensors")}))
    return command("export", target, named="checkpoint")

# ---- results, archives, lists
# -----------------------------------------------------------------------------------------------

RESULTS = {"empty": b"", "cut": b'{"figures": {"a": ', "list": b"[1, 2]", "number": b"3",
           "null": b"null", "text": b"figures",
           "latin-1": '{"figures": {"é": 1}}'.encode("latin-1"),
           "utf-16": '{"figures": {}}'.encode("utf-16"), "zeros": bytes(64), "deep": b"[" * 100_000}

@case("result", RESULTS)
def bad_result(kit, folder, what):
    (folder / "run/results").mkdir(parents=True)
    (folder / "run/results/05_training.json").write_bytes(RESULTS[what])
    return command("results", folder / "run", named="05_training.json")

@case("document", ["no markers", "latin-1", "nowhere", "a folder"])
def bad_document(kit, folder, what):
    path = folder / "page.md"
    if what == "a folder": path.mkdir()
    elif what != "nowhere":
        path.write_bytes("é".encode("latin-1") if what == "latin-1" else b"a page")
    return command("results", "--update", path, named=["page.md", "<!-- results -->", "UTF-8"])

def archive(path, *entries, claim=None):
    "A tar archive with entries (name, type, link)"
    with tarfile.open(path, "w:xz") as out:
        for name, kind, link in entries:
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname = kind, link
            content = b"x" if kind == tarfile.REGTYPE else b""
            entry.size = len(content)
            out.addfile(entry, io.BytesIO(content))
    if claim:
        entry = tarfile.TarInfo("large")
        entry.size = claim
        path.write_bytes(lzma.compress(entry.tobuf() + bytes(1024)))

ENTRIES = {"up": [("../evil", tarfile.REGTYPE, "")],
           "far up": [("a/../../../evil", tarfile.REGTYPE, "")],
           "absolute": [("/tmp/evil", tarfile.REGTYPE, "")],
           "symlink": [("a", tarfile.SYMTYPE, "/etc")],
           "hard link": [("a", tarfile.LNKTYPE, "/etc/passwd")],
           "device": [("a", tarfile.CHRTYPE, "")], "block": [("a", tarfile.BLKTYPE, "")],
           "pipe": [("a", tarfile.FIFOTYPE, "")],
           "a file that is a folder": [("a", tarfile.REGTYPE, ""), ("a/b", tarfile.REGTYPE, "")],
           "link, then through it": [("a", tarfile.SYMTYPE, "/tmp"),
                                     ("a/evil", tarfile.REGTYPE, "")],
           "good, then evil": [("good", tarfile.REGTYPE, ""), ("../evil", tarfile.REGTYPE, "")],
           "long name": [("y" * 300, tarfile.REGTYPE, "")]}

# those two are whole archives
@case("archive", [*ENTRIES, "bomb", "corrupt xz",
                  *(what for what in OTHER if what not in ("zeros", "end cut"))])
def bad_archive(kit, folder, what):
    from slr_tiny.core import unpack
    path = folder / "kept.tar.xz"
    archive(path, *ENTRIES.get(what, [("a", tarfile.REGTYPE, "")] * 50),
            claim=2 << 40 if what == "bomb" else None)
    if what in OTHER: path.write_bytes(other_bytes(path.read_bytes())[what])
    if what == "corrupt xz":
        sound = bytearray(path.read_bytes())
        for k in range(20, 60): sound[k] ^= 0x55
        path.write_bytes(sound)
    return Case(call=lambda: unpack(path, folder / "target"), named=["kept.tar.xz"])

FACTS = (
    "x: {what: y, source: y, licence: y, classes: 1, signers: 1, clips: 1, kind: landmarks, "
    "reader: null, get: y, files: FILES}"
)
LISTS = {"empty": "", "list": "- x", "text": "x", "number": "3", "facts missing": "x: {what: y}",
         "facts none": "x:", "facts a list": "x: [1]", "syntax": "x: [", "tabs": "x:\n\t- y",
         "up": FACTS.replace("FILES", "[{path: ../../x.csv}]"),
         "absolute": FACTS.replace("FILES", "[{path: /etc/passwd}]"),
         "home": FACTS.replace("FILES", "[{path: ~/x.csv}]"),
         "no path": FACTS.replace("FILES", "[{url: y}]"),
         "files text": FACTS.replace("FILES", "everything"),
         "name up": FACTS.replace("FILES", "[]").replace("x:", "../x:", 1),
         "python": "x: !!python/object/apply:os.system ['true']"}

@case("catalogue", [*LISTS, "latin-1", "nowhere", "a folder"])
def bad_list(kit, folder, what):
    from slr_tiny.datasets.catalogue import catalogue
    path = folder / "sets.yaml"
    if what in LISTS: path.write_text(LISTS[what])
    if what == "latin-1": path.write_bytes("é: 1".encode("latin-1"))
    if what == "a folder": path.mkdir()
    return Case(call=lambda: catalogue(path), named=["sets.yaml"])

# ---- videos, jobs, the environment
# ------------------------------------------------------------------------------------------

@case("video",
      [f"{suffix} {what}" for suffix in (".mp4", ".webm", ".avi")
       for what in ("empty", "text", "zeros", "half")])
def bad_video(kit, folder, both):
    suffix, what = both.split(" ")
    (folder / f"clip_ana_1{suffix}").write_bytes(other_bytes(Path(kit["video"]).read_bytes())[what])
    return command("extract", folder / f"clip_ana_1{suffix}", "--out", folder / "out.parquet",
                   "--workers", 1, named=f"clip_ana_1{suffix}")

@case("arm", ["../../../../evil", "a/b", "..", ".", "", "a\\b", "a\nb", "a\x1bb"])
def bad_arm(kit, folder, name):
    from slr_tiny.training.experiments import experiment_grid
    from slr_tiny.training.trainer import train
    return Case(call=lambda: experiment_grid({kit["parquet"]: ["ada"]}, {name: {"epochs": 1}},
                                             train, [0]),
                named=["''" if not name else repr(name)[1:-1]])

@case("group", ["../evil", "a/b", "a\nb"])
def bad_group(kit, folder, name):
    from slr_tiny.training.experiments import Experiment
    return Case(call=lambda: Experiment("t.parquet", "ada", name, 0, None).folder(folder),
                named=[repr(name)[1:-1]])

@case("until", ["tomorrow", "12:30", "nan", "1h", "--", "1,5"])
def bad_until(kit, folder, value):
    from slr_tiny.training.experiments import run_experiments
    def call():
        os.environ["SLR_TINY_UNTIL"] = value
        try: run_experiments([], folder, progress=False)
        finally: del os.environ["SLR_TINY_UNTIL"]
    return Case(call=call, named=[value])

@case("device", ["quantum", "cuda:99", "cpu:x", ""])
def bad_device(kit, folder, value):
    from slr_tiny.training.recipes import compute_device
    return Case(call=lambda: compute_device(value or "?"), named=[value or "?"])

@case("split", ["split x", "split loso,y", "holdout eve", "holdout ada,eve"])
def bad_split(kit, folder, both):
    from slr_tiny.training.experiments import make_folds
    kind, value = both.split(" ")
    return Case(call=lambda: make_folds(kit["table"], **{kind: value}),
                named=[value.split(",")[-1]])
