"""A run: the whole graph planned by Snakemake, and no half-written file after a kill."""
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import ROOT
from slr_tiny.datasets.synthetic import procedural_table
from slr_tiny.training.distillation import distill
from slr_tiny.core import atomic_path, content_hash
from slr_tiny.results import read_results, write_result
from slr_tiny.models.spoter import SPOTER
from slr_tiny.training.trainer import train

pytestmark = pytest.mark.long

PYTHON = Path(sys.executable)
ENV = os.environ | {"PATH": f"{PYTHON.parent}:{os.environ['PATH']}", "PYTHONWARNINGS": "ignore"}

def call(*command, seconds=280):
    """A finished process; after too many seconds it ends with all its children, such as a
    notebook's kernel"""
    process = subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True, env=ENV, cwd=ROOT,
                               start_new_session=True)
    try: out, err = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        raise
    return subprocess.CompletedProcess(command, process.returncode, out, err)

@pytest.mark.parametrize("profile, names",
                         [("thesis", ["aec-dgi305"]), pytest.param(
                             "paper", ["lsa64", "autsl", "dgi305"], marks=pytest.mark.slow)])
def test_grid_says_at_once_what_is_missing(profile, names, tmp_path):
    "Before any other chapter, with the command that fetches it"
    if any((ROOT / "data" / "raw" / name).exists() for name in names):
        pytest.skip("the data sets of this grid are here")
    run = call(PYTHON, "-m", "snakemake", "--cores", 1, "--configfile", f"params/{profile}.yaml",
               "--config", f"run={tmp_path}", "--nolock")
    assert run.returncode != 0
    for name in names:
        assert (
            f"data set {name} is not in" in run.stdout
            and f"slr-tiny data fetch {name}" in run.stdout
        )
    assert [path.stem for path in (tmp_path / "executed").glob("*.ipynb")] == ["02_datasets"]

@pytest.mark.parametrize("profile", sorted(path.stem for path in (ROOT / "params").glob("*.yaml")))
def test_graph_is_whole(profile, tmp_path):
    "Snakemake plans every chapter, each after those whose files it needs"
    if profile == "real" and not os.environ.get("SLR_TINY_REAL_DATA"):
        pytest.skip("SLR_TINY_REAL_DATA is not set, so there are no real recordings")
    run = call(PYTHON, "-m", "snakemake", "-n", "--cores", 1, "--configfile",
               f"params/{profile}.yaml", "--config", f"run={tmp_path}", "--nolock")
    assert run.returncode == 0, run.stdout[-2000:] + run.stderr[-2000:]
    planned = dict(re.findall(r"^chapter_(\w+)\s+(\d+)\s*$", run.stdout + run.stderr, re.M))
    chapters = {path.stem for path in (ROOT / "nbs").glob("[0-9][0-9]_*.ipynb")
                if not path.stem.startswith(("00_", "16_"))}
    assert set(planned) == chapters and set(planned.values()) == {"1"}

HALF = """
import os, signal, sys
from slr_tiny.core import atomic_path
with atomic_path(sys.argv[1]) as draft:
    draft.write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
"""

@pytest.mark.parametrize("before", [None, "whole"])
def test_a_killed_write_leaves_no_half_file(tmp_path, before):
    path = tmp_path / "table.parquet"
    if before: path.write_text(before)
    run = call(PYTHON, "-c", HALF, path)
    assert run.returncode == -signal.SIGKILL
    assert (path.read_text() if path.exists() else None) == before
    with atomic_path(path) as draft: draft.write_text("new")
    assert path.read_text() == "new"

def test_a_killed_result_does_not_spoil_the_others(tmp_path):
    write_result(tmp_path, "04_spoter", {"one": 1})
    assert call(PYTHON, "-c", HALF,
                tmp_path / "results" / "05_training.json").returncode == -signal.SIGKILL
    assert list(read_results(tmp_path)) == ["04_spoter"]

def test_a_failed_write_cleans_up(tmp_path):
    with pytest.raises(ZeroDivisionError), atomic_path(tmp_path / "deep" / "x.json") as draft:
        draft.write_text("half")
        raise ZeroDivisionError
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]

def test_content_hash(tmp_path):
    (tmp_path / "a").write_text("x")
    (tmp_path / "b").write_text("x")
    assert content_hash(tmp_path / "a") == content_hash(tmp_path / "b") and len(
        content_hash(tmp_path / "a")) == 16
    (tmp_path / "b").write_text("y")
    assert content_hash(tmp_path / "a") != content_hash(tmp_path / "b")

@pytest.mark.parametrize("value", [float("nan"), float("inf"), "fast", None])
def test_figures_are_finite_numbers(tmp_path, value):
    with pytest.raises(ValueError): write_result(tmp_path, "05_training", {"top1": value})

# ---- a killed training
# --------------------------------------------------------------------------------------------------

@pytest.fixture(scope="module")
def table(): return procedural_table(signers=["ada"], repetitions=1)

class PowerCut(Exception): pass

def cut(row):
    if row["epoch"] == 2: raise PowerCut

SMALL = dict(epochs=3, layers=1, feedforward=16)

def weights(run): return torch.cat([value.flatten() for value in run.model.state_dict().values()])

def test_a_killed_training_goes_on(table, tmp_path):
    rows, state = np.arange(len(table)), tmp_path / "state.pt"
    whole = train(table, rows, **SMALL, report=lambda row: None)
    with pytest.raises(PowerCut): train(table, rows, **SMALL, state=state, report=cut)
    epochs = []
    again = train(table, rows, **SMALL, state=state, report=lambda row: epochs.append(row["epoch"]))
    assert epochs == [3] and torch.equal(weights(again), weights(whole)) and not state.exists()

@pytest.mark.parametrize("change", [dict(seed=1), dict(feedforward=32), dict(recipe="papers"),
                                    dict(epochs=4)], ids=str)
def test_another_training_starts_anew(table, tmp_path, change):
    rows, state, epochs = np.arange(len(table)), tmp_path / "state.pt", []
    with pytest.raises(PowerCut): train(table, rows, **SMALL, state=state, report=cut)
    train(table, rows, **SMALL | change, state=state,
          report=lambda row: epochs.append(row["epoch"]))
    assert epochs[0] == 1

@pytest.mark.parametrize("change", [dict(alpha=.9), dict(temperature=9.),
                                    dict(convention="listing"), "another teacher"], ids=str)
def test_another_distillation_starts_anew(table, tmp_path, change):
    "Also when the loss or the teacher changed, which the loop itself does not see"
    rows, state, epochs = np.arange(len(table)), tmp_path / "state.pt", []
    glosses = sorted(table.gloss.unique())
    teachers = [SPOTER(len(glosses), layers=1, feedforward=16, position="sinusoidal")
                for _ in range(2)]
    meta = dict(glosses=glosses, preprocess="flagged", about={})
    with pytest.raises(PowerCut):
        distill(table, rows, teachers[0], meta, **SMALL, state=state, report=cut)
    teacher, change = (teachers[1], {}) if isinstance(change, str) else (teachers[0], change)
    distill(table, rows, teacher, meta, **SMALL | change, state=state,
            report=lambda row: epochs.append(row["epoch"]))
    assert epochs[0] == 1
