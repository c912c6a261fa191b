"""Bad input is answered with one sentence that names the file and the remedy, in Python and on the
command line; a batch goes on."""
import contextlib
import re
import shutil
import signal
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from conftest import ROOT
from more_bad_inputs import CASES
from slr_tiny.cli.main import main
from slr_tiny.datasets.synthetic import load
from slr_tiny.datasets.table import read_table, write_table
from slr_tiny.deploy.recognizer import export, run_onnx
from slr_tiny.datasets.extraction import extract, extract_clip
from slr_tiny.datasets.plain_files import read_npz
from slr_tiny.datasets.rendering import render_clip
from slr_tiny.core import InputError
from slr_tiny.results import read_result
from slr_tiny.datasets.avatar import load_lexicon, load_signers, animate
from slr_tiny.models.spoter import SPOTER
from slr_tiny.models.checkpoint import load_checkpoint, save_checkpoint

VERBS = """check choose convert copy correct export give leave load make name pass play put record
remove rename restore run see select train try use write add map drop fill lower extract build unset
use needs needed""".split()
REMEDY = re.compile(rf"[;,:] ?(?:\w+ ){{0,8}}?({'|'.join(VERBS)})\b", re.I)

def sentence(error, *named):
    "One sentence that names what it is about and what to do"
    text = str(error.value if hasattr(error, "value") else error).strip()
    assert "\n" not in text and "Traceback" not in text
    # paths and names hold full stops of their own
    outside = re.sub(r"\([^)]*\)|`[^`]*`|'[^']*'|\"[^\"]*\"|\S*/\S*|\S*<\S*", "x", text)
    assert len(re.findall(r"[.!?](?:\s|$)", outside)) <= 1, f"more than one sentence: {text}"
    for name in named: assert str(name) in text, f"{name} is not named: {text}"
    assert REMEDY.search(text), f"no remedy: {text}"
    return text

def clip_of_a_person(path, frames=8):
    "A short synthetic clip that MediaPipe finds a person in"
    (sign, *_), (signer, *_) = load_lexicon().values(), load_signers().values()
    motion = animate(sign, signer, np.random.default_rng(0))
    start = (len(motion.points) - frames) // 2
    render_clip(replace(motion, points=motion.points[start:start + frames],
                        head=motion.head[start:start + frames]), signer, path)
    return path

def clip_without_person(path, frames=8):
    video = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"mp4v"), 25, (160, 120))
    for _ in range(frames): video.write(np.full((120, 160, 3), 127, np.uint8))
    video.release()
    return path

@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    "One good clip, and the ways to be bad"
    folder = tmp_path_factory.mktemp("clips")
    names = dict(good=clip_of_a_person(folder / "good_ana_1.mp4"), empty=folder / "empty_ana_1.mp4",
                 text=folder / "text_ana_1.mp4",
                 cut=folder / "cut_ana_1.mp4", room=clip_without_person(folder / "room_ana_1.mp4"))
    names["empty"].write_bytes(b"")
    names["text"].write_text("This is no video.\n" * 100)
    names["cut"].write_bytes(names["good"].read_bytes()[:-len(names["good"].read_bytes()) // 2])
    return names

@pytest.fixture(scope="module")
def batch(clips, tmp_path_factory):
    "All of them in one batch"
    folder = tmp_path_factory.mktemp("batch")
    for path in clips.values(): shutil.copy(path, folder)
    shutil.copy(clips["text"], folder / "text_ben_1.mp4")     # the same content a second time
    table, failures = extract(folder, folder / "out" / "table.parquet", workers=2)
    return folder, table, failures

@pytest.mark.parametrize("kind", ["empty", "text", "cut", "room"])
def test_bad_clip(clips, kind):
    with pytest.raises(InputError) as error: extract_clip(clips[kind])
    text = sentence(error, clips[kind])
    assert ("person" in text or "body" in text) == (kind == "room")

def test_batch_goes_on(batch):
    folder, table, failures = batch
    assert list(table.gloss) == ["good"] and list(table.group) == ["ana"]
    assert np.isfinite(table.landmarks[0]).any() and table.landmarks[0].shape[1:] == (75, 2)

def test_batch_lists_every_failure(batch):
    folder, table, failures = batch
    videos = {path.name for path in folder.glob("*.mp4")}
    assert {Path(clip).name for clip in failures["clip"]} == videos - {"good_ana_1.mp4"}
    for clip, reason in zip(failures["clip"], failures["reason"]):
        sentence(InputError(reason), Path(clip).name)

def test_batch_resumes_after_the_broken_clip_was_replaced(batch, clips):
    folder, *_ = batch
    shutil.copy(clips["good"], folder / "text_ana_1.mp4")
    table, failures = extract(folder, folder / "out" / "table.parquet", workers=1)
    assert sorted(table.gloss) == ["good", "text"]

def test_empty_folder(tmp_path):
    with pytest.raises(InputError) as error: extract(tmp_path, tmp_path / "table.parquet")
    sentence(error, tmp_path)
    assert not (tmp_path / "table.parquet").exists()

def test_absent_folder(tmp_path):
    with pytest.raises(InputError) as error:
        extract(tmp_path / "nowhere", tmp_path / "table.parquet")
    sentence(error, tmp_path / "nowhere")

def test_batch_without_a_good_clip(clips, tmp_path):
    with pytest.raises(InputError) as error:
        extract([clips["text"]], tmp_path / "table.parquet", workers=1)
    sentence(error, clips["text"])

# ---- tables
# --------------------------------------------------------------------------------------------------

@pytest.fixture(scope="module")
def table(): return load("procedural")[:32].reset_index(drop=True)

SPOILT = {
    "a column is missing": (lambda df: df.drop(columns="gloss"), "gloss"),
    "no landmarks": (lambda df: df.drop(columns="landmarks"), "landmarks"),
    "other points": (lambda df: df.assign(landmarks=[x[:, :54] for x in df.landmarks]),
                     "landmarks"),
    "no frames": (lambda df: df.assign(landmarks=[x[:0] for x in df.landmarks], frames=0),
                  "no frames"),
}

@pytest.mark.parametrize("kind", SPOILT)
def test_wrong_table(table, tmp_path, kind):
    spoil, column = SPOILT[kind]
    with pytest.raises(InputError) as error: write_table(spoil(table), tmp_path / "x.parquet")
    sentence(error, column)
    assert not (tmp_path / "x.parquet").exists()

@pytest.mark.parametrize("columns", [["id", "gloss"], ["x", "y"]])
def test_table_of_others(table, tmp_path, columns):
    "A Parquet file that is not ours"
    import pandas as pd
    path = tmp_path / "theirs.parquet"
    pd.DataFrame({name: ["a", "b"] for name in columns}).to_parquet(path)
    for read in (read_table, load):
        with pytest.raises(InputError) as error: read(path)
        sentence(error, path, "landmarks")

def test_not_a_table(tmp_path):
    path = tmp_path / "broken.parquet"
    path.write_text("This is no table.")
    with pytest.raises(InputError) as error: read_table(path)
    sentence(error, path)
    with pytest.raises(InputError) as error: read_table(tmp_path / "absent.parquet")
    sentence(error, tmp_path / "absent.parquet")
    with pytest.raises(InputError) as error: load("ksl14")
    sentence(error, "ksl14")
    (tmp_path / "broken.npz").write_text("This is no archive.")
    with pytest.raises(InputError) as error: read_npz(tmp_path / "broken.npz")
    sentence(error, tmp_path / "broken.npz")

def test_table_survives_writing(table, tmp_path):
    write_table(table, tmp_path / "x.parquet")
    again = read_table(tmp_path / "x.parquet")
    assert list(again.columns) == list(table.columns) and list(again.id) == list(table.id)
    for a, b in zip(again.landmarks, table.landmarks):
        assert a.dtype == np.float32 and np.array_equal(a, b, equal_nan=True)

# ---- checkpoints and models
# --------------------------------------------------------------------------------------------------

GLOSSES = ["book", "house", "thank you"]

@pytest.fixture
def checkpoint(tmp_path):
    torch.manual_seed(0)
    model = SPOTER(3, layers=1, feedforward=32)
    save_checkpoint(tmp_path / "teacher", model, GLOSSES, "ours", {})
    return tmp_path / "teacher", model

def test_checkpoint_survives_saving(checkpoint):
    folder, model = checkpoint
    again, meta = load_checkpoint(folder)
    assert again.config == model.config and meta["glosses"] == GLOSSES
    for name, value in model.state_dict().items():
        assert torch.equal(value, again.state_dict()[name])

def test_checkpoint_of_another_architecture(checkpoint, tmp_path):
    folder, _ = checkpoint
    save_checkpoint(tmp_path / "larger", SPOTER(3, layers=2, feedforward=64), GLOSSES, "ours", {})
    [weights] = folder.glob("*.safetensors")
    shutil.copy(tmp_path / "larger" / weights.name, weights)
    with pytest.raises(InputError) as error: load_checkpoint(folder)
    sentence(error, folder)

def test_checkpoint_is_not_what_was_expected(checkpoint):
    folder, model = checkpoint
    with pytest.raises(InputError) as error:
        load_checkpoint(folder, expect={**model.config, "layers": 6})
    sentence(error, folder)

def test_broken_checkpoint(checkpoint, tmp_path):
    folder, _ = checkpoint
    [weights] = folder.glob("*.safetensors")
    weights.write_bytes(b"no weights")
    with pytest.raises(InputError) as error: load_checkpoint(folder)
    sentence(error, folder)
    with pytest.raises(InputError) as error: load_checkpoint(tmp_path / "nowhere")
    sentence(error, tmp_path / "nowhere")

def test_unknown_gloss(checkpoint, table):
    "A table with a sign that the checkpoint has not learned"
    from slr_tiny.training.evaluation import evaluate
    folder, _ = checkpoint
    model, meta = load_checkpoint(folder)
    with pytest.raises(InputError) as error: evaluate(model, table, np.arange(4), glosses=GLOSSES)
    sentence(error, table.gloss[0])

def test_export_with_another_number_of_glosses(tmp_path):
    with pytest.raises(InputError) as error:
        export(SPOTER(3, layers=1, feedforward=32).eval(), ["one", "two"], tmp_path / "x.onnx")
    sentence(error)
    assert not (tmp_path / "x.onnx").exists()

def test_model_that_is_none(tmp_path):
    (tmp_path / "x.onnx").write_text("no model")
    for name in ("x.onnx", "absent.onnx"):
        with pytest.raises(InputError) as error:
            run_onnx(tmp_path / name, np.zeros((2, 75, 2), np.float32))
        sentence(error, tmp_path / name)

def test_result_that_is_not_there(tmp_path):
    with pytest.raises(InputError) as error: read_result(tmp_path, "05_training")
    sentence(error, "05_training")

# ---- the command line
# --------------------------------------------------------------------------------------------------

def slr_tiny(*arguments):
    "The command in a process of its own, as a user types it"
    program = Path(sys.executable).with_name("slr-tiny")
    return subprocess.run([str(program), *map(str, arguments)], capture_output=True, text=True,
                          cwd=ROOT)

def bad_command(run, *named):
    "Exit code 2 and one line that explains"
    code, error = run
    assert code == 2, error
    # the bar of progress
    lines = [line for line in re.split(r"[\r\n]+", error.strip())
             if not line.startswith("MediaPipe:")]
    assert len(lines) == 1 and lines[0].startswith("slr-tiny: "), error
    sentence(InputError(lines[0].removeprefix("slr-tiny: ")), *named)

@pytest.fixture
def command(capfd):
    "The same command in this process, which need not import everything again"
    def call(*arguments):
        return main([str(argument) for argument in arguments]), capfd.readouterr().err
    return call

def test_command_explains_itself(capsys):
    for arguments, code in ((["--help"], 0), (["predikt"], 2), ([], 2)):
        with pytest.raises(SystemExit) as stop: main(arguments)
        assert stop.value.code == code
        said = capsys.readouterr()
        assert "usage: slr-tiny" in said.out + said.err

@pytest.mark.parametrize("arguments", [
    ["extract", "{}", "--out", "{}/table.parquet"],
    ["info", "{}/broken.parquet"],
    ["info", "{}/absent.parquet"],
    ["predict", "{}/absent.onnx", "{}/broken.parquet"],
    ["results", "{}/nowhere"],
], ids=lambda arguments: arguments[0])
def test_command_with_bad_input(command, tmp_path, arguments):
    (tmp_path / "broken.parquet").write_text("This is no table.")
    bad_command(command(*[argument.format(tmp_path) for argument in arguments]), tmp_path)

def test_command_in_a_process_of_its_own(tmp_path):
    run = slr_tiny("extract", tmp_path, "--out", tmp_path / "table.parquet")
    bad_command((run.returncode, run.stderr), tmp_path)

def test_command_with_a_bad_video(command, clips, tmp_path):
    bad_command(command("extract", clips["text"], "--out", tmp_path / "table.parquet", "--workers",
                        1), clips["text"])

def test_command_with_one_bad_video_among_good_ones(clips, tmp_path):
    run = slr_tiny("extract", clips["text"], clips["good"], "--out", tmp_path / "table.parquet",
                   "--workers", 1)
    assert run.returncode == 1 and "Traceback" not in run.stderr
    assert str(clips["text"]) in run.stdout + run.stderr and len(
        read_table(tmp_path / "table.parquet")) == 1

def test_recordings_that_are_not_here(command, monkeypatch, tmp_path):
    monkeypatch.delenv("SLR_TINY_REAL_DATA", raising=False)
    bad_command(command("info", "asl10"), "asl10", "SLR_TINY_REAL_DATA")
    monkeypatch.setenv("SLR_TINY_REAL_DATA", str(tmp_path / "nowhere"))
    bad_command(command("info", "asl10"), tmp_path / "nowhere")

# ---- many bad inputs, one test
# -----------------------------------------------------------------------------------------------

# seconds of processor time that a refusal may take: a computer that is busy with other things is no
# hang
HANG = 10
LINE = 400     # characters of a message

@pytest.fixture(scope="session")
def kit(tmp_path_factory):
    "Sound files to damage; all that is slow to import is imported here"
    import slr_tiny.cli.commands  # noqa: F401
    import slr_tiny.deploy.quantization  # noqa: F401
    import slr_tiny.deploy.untrusted  # noqa: F401
    import slr_tiny.training.distillation  # noqa: F401

    folder = tmp_path_factory.mktemp("kit")
    table = load("procedural")
    table = table[table.gloss.isin(GLOSSES_HERE := sorted(table.gloss.unique())[:3])].groupby(
        ["gloss", "group"]).head(1)
    table = table[table.group.isin(sorted(table.group.unique())[:2])].reset_index(drop=True)
    torch.manual_seed(0)
    model = SPOTER(3, layers=1, feedforward=32).eval()
    save_checkpoint(folder / "checkpoint", model, GLOSSES_HERE, "flagged", {})
    write_table(table, folder / "sound.parquet")
    export(model, GLOSSES_HERE, folder / "sound.onnx", "flagged")
    return dict(table=table, parquet=str(folder / "sound.parquet"),
                model=str(folder / "sound.onnx"), checkpoint=str(folder / "checkpoint"),
                video=str(clip_without_person(folder / "sound_ana_1.mp4")))

class Hung(BaseException):
    "No answer in time; no Exception, for what catches all errors of a file would catch it too"

@contextlib.contextmanager
def watchdog(seconds):
    "Hung after so many seconds of processor time, or twenty times as many of the clock"
    def bark(*_): raise Hung(f"no answer after {seconds} s")
    timers = ((signal.ITIMER_PROF, signal.SIGPROF, seconds),
              (signal.ITIMER_REAL, signal.SIGALRM, 20 * seconds))
    before = [signal.signal(number, bark) for _, number, _ in timers]
    try:
        for timer, _, limit in timers: signal.setitimer(timer, limit)
        yield
    finally:
        for (timer, number, _), handler in zip(timers, before):
            signal.setitimer(timer, 0)
            signal.signal(number, handler)

def answer_of(bad, capfd):
    "Status and last line of what a case says; a raw exception is not caught"
    if bad.call:
        try: bad.call()
        except InputError as error: return 2, str(error)
        return 0, ""
    try: status = main(bad.arguments)
    except SystemExit as stop: status = stop.code
    said = capfd.readouterr().err.strip()
    assert "Traceback" not in said
    if bad.arguments and "usage: slr-tiny" not in said:      # bars of progress end with \r
        said = [line for line in said.split("\n") if line.startswith("slr-tiny: ")] or [said]
        assert len(said) == 1, said
        said = said[0].removeprefix("slr-tiny: ")
    return status, said

def every_kind(cases, step=2):
    "The first of each kind and every second after it; the others are for `make test-all`"
    seen = Counter()
    for kind, name, make in cases:
        marks = pytest.mark.slow if seen[kind] % step else ()
        seen[kind] += 1
        yield pytest.param(kind, name, make, marks=marks, id=f"{kind}-{name}")

@pytest.mark.parametrize("kind, name, make", every_kind(CASES))
def test_every_bad_input_is_answered_in_one_line(kit, tmp_path, capfd, monkeypatch, kind, name,
                                                 make):
    """InputError, or exit status 1 or 2; one line that names the file or the value; no hang, and
    nothing is left behind"""
    monkeypatch.chdir(tmp_path)
    bad = make(kit, tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}
    with watchdog(HANG): status, said = answer_of(bad, capfd)
    assert status in (1, 2), f"accepted, or a mistake of ours ({status}): {said}"
    if "usage: slr-tiny" not in said:
        assert "\n" not in said and "\x1b" not in said and len(said) <= LINE, said
    assert not bad.named or any(word in said
                                for word in bad.named), f"{bad.named} is not named: {said}"
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")
            if path.is_file()} == before

def test_there_are_enough_of_them():
    assert len(CASES) >= 250 and len({(kind, name) for kind, name, _ in CASES}) == len(CASES)

# ---- nothing lost
# --------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("damage", ["cut", "empty", "text", "pickle", "other shape"])
def test_damaged_part_is_made_again(clips, tmp_path, capsys, damage):
    "A checkpoint of extract that cannot be read is named, and watched again"
    first, _ = extract(clips["good"], tmp_path / "table.parquet", workers=1, progress=False)
    [part] = (tmp_path / "table.parquet.parts").glob("*.npz")
    if damage == "other shape":
        np.savez(part, landmarks=np.zeros((3, 54, 2)), fps=25., width=1, height=1)
    else:
        part.write_bytes({"cut": part.read_bytes()[:200], "empty": b"", "text": b"no archive",
                          "pickle": b"\x80\x04N."}[damage])
    again, failures = extract(clips["good"], tmp_path / "table.parquet", workers=1, progress=False)
    assert part.name in capsys.readouterr().out and len(failures) == 0
    assert np.array_equal(again.landmarks[0], first.landmarks[0], equal_nan=True)

def test_full_disk_is_not_blamed_on_the_videos(clips, tmp_path):
    """Where no file may become larger than 1000 bytes, the run ends with one sentence, no table,
    and the recordings as they were"""
    resource = pytest.importorskip("resource")
    folder = tmp_path / "clips"
    folder.mkdir()
    for name in ("one_ana_1", "two_ben_1"): shutil.copy(clips["good"], folder / f"{name}.mp4")
    run = subprocess.run(
        [sys.executable, "-c",
         "import sys; from slr_tiny.cli.main import main; sys.exit(main(sys.argv[1:]))", "extract",
         str(folder), "--out",
         str(tmp_path / "table.parquet"), "--workers", "1"], capture_output=True, text=True,
        cwd=tmp_path,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000)))
    assert run.returncode == 2 and "Traceback" not in run.stderr, run.stderr
    assert (
        "table.parquet.parts" in run.stderr
        and "same command again" in run.stderr
        and "failed:" not in run.stdout
    )
    assert not (tmp_path / "table.parquet").exists() and not list(
        tmp_path.glob("table.parquet.parts/*.npz"))

def test_damaged_kept_work_is_done_again(kit, tmp_path):
    """State and scores of trainings: whatever stands in the files, the training is done, and its
    answer is the same"""
    from slr_tiny.training.experiments import Experiment, run_experiment, load_experiment
    from slr_tiny.training.trainer import train
    job = Experiment(kit["parquet"], sorted(kit["table"].group)[0], "arm", 0, train,
                     (("epochs", 1), ("feedforward", 32)))
    sound = run_experiment(job, tmp_path)
    scores = job.folder(tmp_path) / "scores.json"
    for content in (b"", b"[]", b"3", b'{"mark": "x"}', scores.read_bytes()[:50], b"\xff\xfe",
                    b"[" * 100_000):
        scores.write_bytes(content)
        assert load_experiment(job, tmp_path) is None
    again = run_experiment(job, tmp_path)
    assert again["mark"] == sound["mark"] and again["predictions"] == sound["predictions"]

@pytest.mark.parametrize("content", ["empty", "text", "list", "no parts", "other shape"])
def test_damaged_state_of_a_training(kit, tmp_path, content):
    from slr_tiny.training.trainer import train
    state, rows = tmp_path / "state.pt", np.arange(3)
    first = train(kit["table"], rows, epochs=1, feedforward=32, state=state, keep=True,
                  report=lambda row: None)
    saved = torch.load(state, weights_only=True)
    if content == "empty": state.write_bytes(b"")
    elif content == "text": state.write_text("no state")
    else:
        torch.save({"list": [1], "no parts": {"mark": saved["mark"]},
                    "other shape": {**saved, "model": {"pos": torch.zeros(3)}}}[content], state)
    again = train(kit["table"], rows, epochs=1, feedforward=32, state=state,
                  report=lambda row: None)
    for name, value in first.model.state_dict().items():
        assert torch.equal(value, again.model.state_dict()[name])

def test_every_scheme_of_ours_is_accepted(kit, tmp_path):
    "What a look at strangers' models must not do is to refuse ours"
    from slr_tiny.deploy.quantization import SCHEMES, quantize
    from slr_tiny.deploy.untrusted import Runner
    calibration = [np.random.default_rng(k).random((20, 75, 2), np.float32) for k in range(3)]
    clip = kit["table"].landmarks[0]
    assert np.allclose(Runner(kit["model"])(clip), run_onnx(kit["model"], clip))
    for scheme in SCHEMES:
        small = quantize(kit["model"], tmp_path / f"{scheme}.onnx", scheme, calibration)
        assert Runner(small)(clip).shape == (3,)

def test_interrupted(tmp_path):
    "Ctrl-C ends the demo with status 0 or 130 and no stack trace"
    import signal as signals
    process = subprocess.Popen(
        [sys.executable, "-c",
         "import sys; from slr_tiny.cli.main import _safely\n"
         "def wait():\n print('ready', flush=True)\n "
         "import time; time.sleep(600)\nsys.exit(_safely(wait))"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signals.SIGINT)
    _, error = process.communicate(timeout=60)
    assert process.returncode == 130 and error.count("\n") == 1 and "Traceback" not in error

def test_importing_the_command_line_loads_nothing_slow():
    heavy = "torch mediapipe cv2 pandas numpy onnx onnxruntime sklearn tornado matplotlib"
    program = (
        f"import sys, slr_tiny.cli.main; print([name for name in {heavy.split()} if name in "
        "sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True,
                          cwd=ROOT).stdout == "[]\n"

@pytest.mark.parametrize("damage", ["cut", "flipped", "text", "empty", "a long step", "no step"])
def test_damaged_file_of_our_runtime(kit, tmp_path, capfd, damage):
    "One line on the command line that names the file, and what to do"
    import zlib
    from slr_tiny.deploy.packing import pack_checkpoint
    from slr_tiny.deploy.wasm import HEADER, STEP
    path = pack_checkpoint(kit["checkpoint"], tmp_path / "bad.slr")
    assert main(["predict", str(path), kit["parquet"]]) == 0
    content = bytearray(path.read_bytes())
    steps = np.frombuffer(content, STEP, 1, HEADER.itemsize)
    if damage == "flipped": content[len(content) // 2] ^= 1
    if damage.endswith("step"):
        steps["rows" if "long" in damage else "operation"] = 1 << 30
        content[12:16] = zlib.crc32(content[16:]).to_bytes(4, "little")
    whole = {"cut": bytes(content[:300]), "text": b"no model", "empty": b""}
    path.write_bytes(whole.get(damage, bytes(content)))
    capfd.readouterr()
    with watchdog(HANG): status = main(["predict", str(path), kit["parquet"]])
    assert status == 2
    sentence(capfd.readouterr().err.removeprefix("slr-tiny: "), "bad.slr")

@pytest.mark.parametrize("source", ["nowhere", "{parquet}", "{model}", "alone.onnx"])
def test_what_cannot_be_packed(kit, tmp_path, capfd, source):
    "Neither a checkpoint nor a file beside one: a sentence, and nothing is written"
    (tmp_path / "alone.onnx").write_bytes(Path(kit["model"]).read_bytes())
    place = source.format(**kit)
    assert main(["pack", str(tmp_path / place), "--out", str(tmp_path / "x.slr")]) == 2
    sentence(capfd.readouterr().err.removeprefix("slr-tiny: "), Path(place).name)
    assert not (tmp_path / "x.slr").exists()
