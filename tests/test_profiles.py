"""A profile with a mistake is refused before anything runs, in one sentence, through the command
that people use."""
import os
import re
import subprocess
import sys

import pytest
import yaml
from conftest import ROOT
from slr_tiny.pipeline.__main__ import main
from slr_tiny.pipeline.profiles import profile_problems, read_profile

QUICK = (ROOT / "params/quick.yaml").read_text()
WRONG = {     # what is written, what is written instead, what must be named
    "no run": ("run: _run/quick", "# run", "run"),
    "no table": ("table: tables/procedural.parquet ", "# table", "table"),
    "run is a list": ("run: _run/quick", "run: [a]", "['a']"),
    "run outside": ("run: _run/quick", "run: ../elsewhere", "../elsewhere"),
    "run is absolute": ("run: _run/quick", "run: /tmp/quick", "/tmp/quick"),
    "run has a line break": ("run: _run/quick", 'run: "_run/a\\nb"', "'\\n'"),
    "run is the sources": ("run: _run/quick", "run: nbs", "'nbs'"),
    "top key": ("chapters:", "chapter:", "chapters"),
    "another table": ("tables/procedural.parquet ", "tables/procedual.parquet", "procedual"),
    "chapter": ("  05_training:", "  05_trainig:", "05_trainig"),
    "section": ("  08_onnx:", "  02b_avatar:", "02b_avatar"),
    "key": ("epochs: 30", "epoch: 30", "epoch"),
    "key inside an arm": ("epochs: 10,", "epoch: 10,", "epoch"),
    "text for a number": ("epochs: 30", "epochs: thirty", "thirty"),
    "number for a list": ("threads: [1, 2]", "threads: 2", "threads"),
    "text in a list of numbers": ("threads: [1, 2]", "threads: [1, two]", "threads"),
    "text in an arm": ("epochs: 10,", "epochs: ten,", "ten"),
    "no epoch": ("epochs: 10,", "epochs: 0,", "epochs"),
    "recipe": ("recipe: papers", "recipe: paper", "recipe"),
    "convention": ("convention: listing", "convention: lisitng", "lisitng"),
    "teacher of an arm": ("teacher: teacher, convention: paper",
                          "teacher: techer, convention: paper", "techer"),
    "arm to keep": ("keep: student", "keep: studnet", "studnet"),
    "arm to compare": ("{tiny: ours_1l,", "{tiny: ours_11,", "ours_11"),
    "run of one chapter": ("    holdout: eve\n    student:",
                           "    run: x\n    holdout: eve\n    student:", "run"),
    "chapter twice": ("  08_onnx: {licence: Apache-2.0, also: [browser_int8_signed]}",
                      "  08_onnx: {}\n  08_onnx: {}", "08_onnx"),
    "syntax": ("[cleo, eve]}", "[cleo, eve}", "line"),
}

SHARED = {"key inside an arm", "text in an arm", "no epoch"}

def refused(text, capsys, monkeypatch):
    "What `make reproduce` says about a profile, after it has refused it"
    path = ROOT / "params" / f"wrong-{os.getpid()}.yaml"
    monkeypatch.setenv("PROFILE", path.stem)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    try: assert main(["reproduce"]) == 2
    finally: path.unlink()
    return capsys.readouterr().err

@pytest.mark.parametrize("name", WRONG)
def test_a_mistake_is_named(name, capsys, monkeypatch):
    before, after, named = WRONG[name]
    assert before in QUICK
    said = refused(QUICK.replace(before, after, 1), capsys, monkeypatch)
    assert named in said and "Traceback" not in said
    if name != "top key":  # an arm that two chapters share is wrong in both
        assert len(said.strip().splitlines()) == (2 if name in SHARED else 1), said
    assert not list((ROOT / "_run").glob("wrong-*"))

@pytest.mark.parametrize("content", [b"", b"- a", b"run: \xfc", b"just words", b"\x00"], ids=repr)
def test_no_profile_at_all(content, capsys, monkeypatch):
    assert len(refused(content, capsys, monkeypatch).strip().splitlines()) == 1

@pytest.mark.parametrize("told", [dict(PROFILE="quik"), dict(PROFILE="../params/quick"),
                                  dict(PROFILE="a b"), dict(PROFILE="quick;ls"),
                                  dict(MINUTES="abc"), dict(MINUTES="-1"), dict(CORES="0"),
                                  dict(CORES="many")], ids=str)
def test_command_line(told):
    run = subprocess.run([sys.executable, "-m", "slr_tiny.pipeline", "reproduce"], cwd=ROOT,
                         env=os.environ | told, capture_output=True, text=True)
    assert run.returncode == 2 and len(run.stderr.strip().splitlines()) == 1
    assert str(next(iter(told.values()))) in run.stderr and not run.stdout

def test_anything_may_be_in_a_name():
    "As long as it is a folder inside the project"
    for name in ("_run/x;touch y;#", "_run/Zürich's \"run\"", "_run/a b", "out/$HOME"):
        assert profile_problems(yaml.safe_load(QUICK) | {"run": name}) == []

@pytest.mark.parametrize("path", sorted((ROOT / "params").glob("*.yaml")),
                         ids=lambda path: path.stem)
def test_ours_are_right(path): assert profile_problems(read_profile(path)) == []

def test_the_makefile_passes_everything_by_the_environment():
    "No text of a user is a part of a command for the shell"
    recipes = re.findall(r"^\t(.*)$", (ROOT / "Makefile").read_text(), re.M)
    assert [line for line in recipes for name in ("PROFILE", "MINUTES", "RUN")
            if f"$({name})" in line] == []
