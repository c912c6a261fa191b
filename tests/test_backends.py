"""Whoever starts the workers: the same table, the same failures. Dask and Ray are tried where they
are installed."""
from importlib.util import find_spec

import numpy as np
import pytest
from slr_tiny import parallel
from slr_tiny.datasets.table import read_table, write_table
from slr_tiny.datasets.extraction import extract
from slr_tiny.datasets.synthetic import procedural_table
from slr_tiny.datasets.avatar import load_lexicon, load_signers
from slr_tiny.parallel import BACKENDS
from slr_tiny.training.experiments import experiment_grid, run_experiments
from slr_tiny.training.trainer import train
from slr_tiny.core import InputError
from test_bad_input import clip_of_a_person, sentence

pytestmark = pytest.mark.long

@pytest.fixture(scope="module")
def batch(tmp_path_factory):
    "Two good clips and a broken one, and what this machine's own workers make of them"
    folder = tmp_path_factory.mktemp("clips")
    for name, frames in ("good_ana_1", 6), ("good_ben_1", 8):
        clip_of_a_person(folder / f"{name}.mp4", frames)
    (folder / "text_ana_1.mp4").write_text("This is no video.")
    return folder, *extract(folder, folder.parent / "loky.parquet", workers=2, progress=False)

@pytest.mark.parametrize("backend", [name for name in BACKENDS if name != "loky"])
def test_same_table(batch, tmp_path, backend, capfd):
    if not find_spec(BACKENDS[backend]):
        pytest.skip(
            f"the package {BACKENDS[backend]} is not installed, so the backend {backend} is not "
            "tried")
    folder, table, failures = batch
    other, failed = extract(folder, tmp_path / "table.parquet", workers=2, backend=backend)
    assert list(other.id) == list(table.id) and list(failed.reason) == list(failures.reason)
    for a, b in zip(other.landmarks, table.landmarks): assert np.array_equal(a, b, equal_nan=True)
    assert "clip" in capfd.readouterr().err     # progress
    assert len(read_table(tmp_path / "table.parquet")) == 2

def test_unknown_backend(batch, tmp_path):
    with pytest.raises(InputError) as error:
        extract(batch[0], tmp_path / "table.parquet", backend="hamster")
    sentence(error, "hamster", *BACKENDS)

def test_absent_backend(batch, tmp_path, monkeypatch):
    monkeypatch.setitem(parallel.BACKENDS, "dask", "no_such_package")
    with pytest.raises(InputError) as error:
        extract(batch[0], tmp_path / "table.parquet", backend="dask")
    sentence(error, "no_such_package")

@pytest.fixture(scope="module")
def trainings(tmp_path_factory):
    "Two short trainings on synthetic landmarks, and what this machine's own workers make of them"
    folder = tmp_path_factory.mktemp("trainings")
    lexicon, signers = load_lexicon(), load_signers()
    few = {gloss: lexicon[gloss] for gloss in list(lexicon)[:3]}
    two = {name: signers[name] for name in list(signers)[:2]}
    table = str(write_table(procedural_table(few, two, 2), folder / "table.parquet"))
    arm = {"short": dict(feedforward=8, layers=1, epochs=1)}
    jobs = experiment_grid({table: [next(iter(two))]}, arm, train, [0, 1])
    rows, missing = run_experiments(jobs, folder / "loky", 2, progress=False)
    assert (len(rows), missing) == (2, [])
    return folder, jobs, rows

@pytest.mark.parametrize("backend", [name for name in BACKENDS if name != "loky"])
def test_same_trainings(trainings, backend):
    if not find_spec(BACKENDS[backend]):
        pytest.skip(f"the package {BACKENDS[backend]} is not installed")
    folder, jobs, rows = trainings
    others, missing = run_experiments(jobs, folder / backend, 2, progress=False, backend=backend)
    assert missing == []
    same = ["data", "fold", "arm", "seed", "top1", "parameters"]
    assert others[same].equals(rows[same])

def test_unknown_backend_of_trainings(trainings):
    folder, jobs, _ = trainings
    with pytest.raises(InputError) as error:
        run_experiments(jobs, folder / "other", 2, progress=False, backend="hamster")
    sentence(error, "hamster", *BACKENDS)
