"""Our own runtime: numpy, C on this computer and three builds in Chromium give the same bits (floats
in the build with relaxed SIMD: nearly the same); damaged files get a sentence; what is compiled is what the sources say.

SLR_TINY_MUTATIONS=10000 pytest tests/test_runtime.py -k mutation    # for longer than make test
"""
import base64
import filecmp
import os
import shutil
import subprocess
import sys

import brotli
import numpy as np
import pytest
import torch
from conftest import ROOT
from runtime_fuzz import mutate
from slr_tiny.core import InputError
from slr_tiny.deploy.packing import pack
from slr_tiny.deploy.recognizer import Recognizer, awkward_clip
from slr_tiny.deploy.reference import HostRuntime, compile_host, run_steps
from slr_tiny.deploy.runners import check_file, open_runner
from slr_tiny.deploy.wasm import HEADER, STEP, read_model
from slr_tiny.models.ctc import CTCConfig, StreamingCTC
from slr_tiny.models.frame_features import FrameFeatureCNN
from slr_tiny.models.spoter import random_spoter
from slr_tiny.models.temporal_cnn import LinearClassifier, TemporalCNN
from slr_tiny.web.browser import landmarks_text, open_models, open_page
from slr_tiny.web.server import page_folder
from slr_tiny.web.stream_runtime import SlrStream, pack_stream
from slr_tiny.web.streaming import stream_logits
from slr_tiny.web.subtitles import StreamRules

CSRC = ROOT / "slr_tiny/csrc"
BUILDS = ("relaxed", "simd", "plain")
MUTATIONS = int(os.environ.get("SLR_TINY_MUTATIONS", 300))
SEED = int(os.environ.get("SLR_TINY_SEED", 17))

def networks():
    "Every kind of network, with every preprocessing and position among them"
    torch.manual_seed(17)
    return {
        "student": (FrameFeatureCNN(7, channels=22), "raw"),
        "temporal_cnn": (TemporalCNN(7, channels=16, reach=3, frames=9), "flagged"),
        "linear": (LinearClassifier(7, frames=5), "pucp"),
        "spoter": (random_spoter(7, position="sinusoidal"), "ours"),
        "spoter_2": (random_spoter(7, layers=2, feedforward=37, position="convolution"), "spoter"),
        "spoter_none": (random_spoter(7, feedforward=2, position="none"), "raw")}

@pytest.fixture(scope="module")
def files(tmp_path_factory):
    "Name and form to a file, for clips of up to 300 frames"
    folder = tmp_path_factory.mktemp("files")
    glosses = [f"sign {k}" for k in range(7)]
    return {f"{name}_{form}": pack(model.eval(), glosses, folder / f"{name}_{form}.slr", variant,
                                   form=form, max_frames=300)
            for name, (model, variant) in networks().items() for form in ("int8", "fp32")}

@pytest.fixture(scope="module")
def library(tmp_path_factory):
    found = compile_host(tmp_path_factory.mktemp("host"),
                         ("-fsanitize=undefined", "-fno-sanitize-recover=all"))
    if found is None: pytest.skip("no gcc, so the kernels cannot be compiled for this computer")
    return found

FILES = [f"{name}_{form}" for name in networks() for form in ("int8", "fp32")]

@pytest.mark.parametrize("name", FILES)
def test_numpy_and_c_give_the_same_bits(files, library, name):
    "For all lengths from 1 to 300 for the student, for some where numpy is slower"
    model, host = read_model(files[name]), HostRuntime(library, files[name].read_bytes())
    every = 1 if name == "student_int8" else 23
    for frames in (*range(1, 301, every), 300):
        clip = awkward_clip(frames)
        assert (host.predict(clip) == run_steps(model, clip)).all(), frames

@pytest.mark.parametrize("name", [name for name in FILES if name.endswith("fp32")])
def test_floats_are_near_pytorch(files, library, name):
    model, variant = networks()[name.removesuffix("_fp32")]
    reference = Recognizer(model.eval(), variant).eval()
    host = HostRuntime(library, files[name].read_bytes())
    for frames in (1, 2, 15, 16, 17, 70, 150, 300):
        clip = awkward_clip(frames)
        with torch.no_grad(): expected = reference(torch.tensor(clip)).numpy()
        assert abs(host.predict(clip) - expected).max() < 1e-5

@pytest.mark.parametrize("name", ["student_int8", "spoter_int8", "spoter_none_fp32"])
def test_clips_without_a_body(files, library, name):
    "Nothing seen, one point seen, all points in one place: an answer, and the same one"
    host = HostRuntime(library, files[name].read_bytes())
    clip = np.full((5, 75, 2), np.nan, np.float32)
    one, still = clip.copy(), np.full((5, 75, 2), .5, np.float32)
    one[2, 40] = .3
    for some in (clip, one, still, np.zeros_like(still)):
        answer = host.predict(some)
        assert np.isfinite(answer).all() and (answer == run_steps(files[name], some)).all()

def test_a_step_changes_nothing_for_the_next_clip(files, library):
    "The arena of a longer clip leaves no trace"
    host = HostRuntime(library, files["spoter_2_int8"].read_bytes())
    first = host.predict(awkward_clip(20))
    host.predict(awkward_clip(300))
    assert (host.predict(awkward_clip(20)) == first).all()

# ---- streams

KINDS = {"usual": {}, "wide": dict(d_model=84, num_heads=7, num_layers=1, context=20),
         "linear": dict(stem="linear", context=6), "after": dict(norm_first=False, num_heads=2)}

@pytest.fixture(scope="module")
def streams(tmp_path_factory):
    "Networks for sentences of every kind, untrained"
    folder, found = tmp_path_factory.mktemp("streams"), {}
    for name, kind in KINDS.items():
        torch.manual_seed(5)
        model = StreamingCTC(CTCConfig(num_glosses=7, **kind)).eval()
        for form in ("int8", "fp32"):
            found[f"{name}_{form}"] = pack_stream(model, list("abcdefg"), folder / f"{name}_{form}.slr",
                                                  StreamRules(25., .5).notes, form)
    return found

ENDS = {"relaxed": "", "simd": "_simd128", "plain": "_plain"}  # of a name that asks for a build
STREAMS = [f"{name}_{form}" for name in KINDS for form in ("int8", "fp32")]

@pytest.mark.parametrize("name", STREAMS)
def test_streams_give_the_same_bits(streams, library, name):
    "Numpy and C, for sentences of many lengths, one after the other"
    ours, host = SlrStream(streams[name]), SlrStream(streams[name], library)
    for frames in (1, 8, 9, 40, 131):
        clip = awkward_clip(frames)
        assert (stream_logits(host, clip) == stream_logits(ours, clip)).all(), frames

def test_a_stream_is_no_model_of_a_sign(files, streams):
    "And the other way round; each is refused with the name of its file"
    for refuse in (check_file, open_runner):
        with pytest.raises(InputError, match=r"usual_int8\.slr is a network for sentences"):
            refuse(streams["usual_int8"])
    with pytest.raises(InputError, match=r"student_int8\.slr is a model for whole clips"):
        SlrStream(files["student_int8"])

@pytest.mark.parametrize("piece", [1, 3, 8, 50])
def test_pieces_of_a_stream_change_nothing(streams, library, piece):
    "Frame by frame, as a camera gives them, or all at once"
    stream, clip = SlrStream(streams["usual_int8"], library), awkward_clip(77)
    whole = stream_logits(stream, clip)
    parts = [stream.push(clip[start:start + piece]) for start in range(0, 77, piece)]
    assert (np.concatenate([*parts, stream.finish()]) == whole).all()

def test_a_long_stream_keeps_its_memory(streams, library):
    "After nine minutes of frames the answers to the last ones are those to them alone, and finite"
    stream, tail = SlrStream(streams["usual_int8"], library), awkward_clip(300)
    long = np.concatenate([awkward_clip(300)] * 45 + [tail])
    last = stream_logits(stream, long)[-40:]
    assert np.isfinite(last).all()
    alone = stream_logits(stream, np.concatenate([awkward_clip(300), tail]))[-40:]
    assert (last == alone).all()

@pytest.mark.parametrize("build", BUILDS)
def test_streams_in_the_builds(streams, build):
    "The bits of numpy, or nearly so where a product and a sum are rounded together"
    if not (page_folder() / "bench.html").exists(): pytest.skip("the pages are not built")
    named = {f"{name}{ENDS[build]}": path for name, path in streams.items()}
    with open_models(named) as (tab, about):
        for name, path in named.items():
            if about[name]["runtime"] != build: pytest.skip(f"no {build} here")
            for frames in (1, 8, 50):
                clip = awkward_clip(frames)
                answer = tab.evaluate("([name, text]) => slr.predict(name, text)",
                                      [name, landmarks_text(clip)])
                expected = stream_logits(SlrStream(path), clip)
                far = abs(np.reshape(np.float32(answer), expected.shape) - expected).max()
                rounded_once = build == "relaxed" and "fp32" in name
                assert far < 1e-3 if rounded_once else far == 0, (name, frames)

# ---- the builds
# --------------------------------------------------------------------------------------------------

@pytest.fixture(scope="module")
def page(files):
    if not (page_folder() / "runtime.html").exists(): pytest.skip("the pages are not built")
    folder = next(iter(files.values())).parent
    with open_page("runtime.html", {"/models": folder}) as tab:
        yield tab
        assert tab.errors == [] and tab.outside == []

@pytest.mark.parametrize("build", BUILDS)
def test_builds_give_the_same_bits(page, files, build):
    if BUILDS.index(page.evaluate("slr.best")) > BUILDS.index(build):
        pytest.skip(f"this browser cannot run the build {build}")
    for name, path in files.items():
        about = page.evaluate("([name, url, build]) => slr.load(name, url, build)",
                              [name, f"./models/{path.name}", build])
        assert about["runtime"] == build and len(about["metadata"]["glosses"]) == 7
        for frames in (1, 2, 3, 16, 70, 151, 300):
            clip = awkward_clip(frames)
            answer = page.evaluate("([name, text]) => slr.predict(name, text)",
                                   [name, landmarks_text(clip)])
            far = abs(np.array(answer, np.float32) - run_steps(path, clip)).max()
            rounded_once = build == "relaxed" and name.endswith("fp32")
            assert far < 1e-5 if rounded_once else far == 0, (name, frames)

@pytest.mark.parametrize("name", ["student_int8", "spoter_int8"])
@pytest.mark.parametrize("count", [500, pytest.param(100_000, marks=pytest.mark.slow)])
def test_memory_stays(page, files, name, count):
    "After many predictions of changing length as much as after a hundred"
    page.evaluate("url => slr.load('many', url)", f"./models/{files[name].name}")
    first = page.evaluate("slr.many('many', 100)")
    for _ in range(count // 500): last = page.evaluate("slr.many('many', 500)")
    print(f"{name}: {first} bytes after 100 predictions, {last} after {count}")
    assert first == last

def test_wire_bytes(page):
    "Loader and the build with most features, compressed as a server sends them"
    loaders = [path for name in ("slr", "answer")
               for path in page_folder().glob(f"assets/{name}-*.js")]
    parts = [*loaders, CSRC / "dist/relaxed.wasm"]
    assert len(parts) == 3
    assert sum(len(brotli.compress(part.read_bytes(), quality=11)) for part in parts) <= 12_000

def test_page_refuses_with_a_sentence(page, files):
    "What Python refuses, the page refuses: with an Error and the name of the file"
    whole = files["student_int8"].read_bytes()
    broken = {"not a model": b"PK" + whole, "version 7": whole[:8] + b"\7" + whole[9:],
              "cut off": whole[:-9], "damaged": whole[:5000] + b"\xff\0" + whole[5002:]}
    for kind, content in broken.items():
        said = page.evaluate("text => slr.refusal(text)", base64.b64encode(content).decode())
        assert kind in said and "file.slr" in said
    answer = page.evaluate("text => slr.refusal(text)", base64.b64encode(whole).decode())
    assert answer == ""

def test_compiled_files_are_those_of_the_sources(tmp_path):
    if not (shutil.which("clang-19") and shutil.which("wasm-ld-19")):
        pytest.skip("clang-19 and lld-19 are not installed")
    subprocess.run(["sh", CSRC / "build.sh", tmp_path], check=True)
    names = [f"{build}.wasm" for build in BUILDS]
    assert filecmp.cmpfiles(CSRC / "dist", tmp_path, names, shallow=False) == (names, [], [])

def test_build_says_what_is_missing(tmp_path):
    run = subprocess.run(["sh", CSRC / "build.sh", tmp_path], capture_output=True, text=True,
                         env={**os.environ, "CLANG": "no-such-compiler"})
    assert run.returncode == 1 and "apt-get install clang-19 lld-19" in run.stderr

# ---- damaged files
# --------------------------------------------------------------------------------------------------

def test_layout_is_that_of_the_sources():
    "Every field of model.h with the byte that its comment says"
    text = (CSRC / "wasm/model.h").read_text()
    for kind, name in ((HEADER, "crc32;          /* 12"), (STEP, "scratch;        /* 48"),
                       (STEP, "param;          /* 68"), (HEADER, "output;         /* 36")):
        assert name in text and kind.fields[name.split(";")[0]][1] == int(name.split()[-1])

def test_mutations_never_leave_their_memory(library, streams, tmp_path):
    "C, with a page behind file and arena that ends the process when it is touched"
    names = [str(pack(model.eval(), list("abcdefg"), tmp_path / f"{name}.slr", variant,
                      form="fp32" if name == "spoter_none" else "int8", max_frames=24))
             for name, (model, variant) in networks().items()]
    names += [str(path) for path in streams.values()]
    run = subprocess.run([sys.executable, ROOT / "tests/runtime_fuzz.py", library, str(MUTATIONS),
                          str(SEED), *names], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr.splitlines()[-3:]
    print(run.stdout)

def test_mutations_in_python(files, streams, tmp_path):
    "Each is read, or refused with an InputError that names the file"
    rng, path = np.random.default_rng(SEED), tmp_path / "mutated.slr"
    contents = [path.read_bytes() for path in (files["student_int8"], files["linear_fp32"],
                                               streams["usual_int8"])]
    for number in range(min(MUTATIONS, 300)):
        path.write_bytes(mutate(contents[number % 3], rng))
        try: model = read_model(path)
        except InputError as error:
            assert path.name in str(error), f"seed {SEED}, mutation {number}"
            continue
        blank = model.header["answers"] > 0
        assert len(model.metadata["glosses"]) + blank == model.header["classes"]

@pytest.mark.parametrize("kind", ["student", "stream"])
def test_mutations_in_the_page(page, files, streams, kind):
    "Never a trap: an answer, or an Error with one sentence"
    path = files["student_int8"] if kind == "student" else streams["usual_int8"]
    rng, content = np.random.default_rng(SEED), path.read_bytes()
    for number in range(min(MUTATIONS, 100)):
        text = base64.b64encode(mutate(content, rng)).decode()
        said = page.evaluate("text => slr.refusal(text)", text)
        assert said == "" or "file.slr" in said, f"seed {SEED}, mutation {number}: {said}"
