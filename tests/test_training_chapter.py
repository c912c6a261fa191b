"""Chapter 5, executed by papermill in a run of its own, with its further questions: one group
against all others, and unknown signs."""
import json
import subprocess

import nbformat
import papermill
import pytest
from book_lint import lint
from conftest import ROOT
from slr_tiny.datasets.synthetic import procedural_table
from slr_tiny.datasets.table import write_table
from slr_tiny.results import read_result

pytestmark = pytest.mark.long

SIGNS = ["CLOSE", "EAT", "PEDAL", "SAY", "SUNRISE"]
ARMS = {"mirrored": {"recipe": "linear_mirrored"}, "plain": {"recipe": "linear"}}
ASKED = {"arms": ARMS, "compare": {"mirrored": "plain"}, "teacher": "plain", "baseline": "plain",
         "student": "mirrored", "speed": {}, "seeds": [0],
         "one_group": {"arms": {"student": "mirrored", "linear": "plain"}},
         "trials": {"arms": ["mirrored"], "draws": [0, 1]}}


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    "The chapter on a small synthetic table, with models that are solved at once"
    run = tmp_path_factory.mktemp("run")
    table = procedural_table(signs=SIGNS, signers=["ada", "ben", "gus"], repetitions=3, seed=0)
    (run / "tables").mkdir()
    write_table(table, run / "tables/toy.parquet")
    told = dict(ASKED, run=str(run), table="tables/toy.parquet", workers=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("MPLBACKEND")  # the kernel chooses its own, which keeps the images
        papermill.execute_notebook(ROOT / "nbs/05_training.ipynb", run / "05_training.ipynb", told,
                                   progress_bar=False, cwd=ROOT / "nbs")
    return run


def test_training_runs_alone(ran):
    copy = nbformat.read(ran / "05_training.ipynb", as_version=4)
    assert copy.metadata.papermill.parameters["workers"] == 1
    assert "Passed unknown parameter" not in json.dumps(copy.metadata.papermill)
    chapter = ROOT / "nbs" / "05_training.ipynb"
    said = [str(problem) for problem in lint(chapter.parent, [chapter], executed=ran)]
    assert [line for line in said if "image" in line or "failed" in line
            or "executed" in line] == []


def test_training_writes_its_result_and_checkpoint(ran):
    result = read_result(ran, "05_training")
    assert result["figures"] and all(isinstance(value, (int, float))
                                     for value in result["figures"].values())
    assert {"data", "content_hash", "split", "seeds", "samples", "git_commit", "package_versions",
            "cpu", "started", "seconds"} <= result["provenance"].keys()
    assert result["provenance"]["package_versions"]["torch"].startswith("2.13")
    assert list((ran / "checkpoints").rglob("*.safetensors"))


def test_training_leaves_the_sources_alone(ran):
    "Nothing is written beside the notebooks"
    run = subprocess.run(["git", "status", "--porcelain", "--", "nbs", "slr_tiny"], cwd=ROOT,
                         capture_output=True, text=True)
    if run.returncode: pytest.skip("not a git clone")
    assert not [line for line in run.stdout.splitlines() if line.startswith("??")
                and not line.endswith((".ipynb", ".py", ".qmd", ".yml", "/"))]


def test_the_figures_are_there(ran):
    figures = json.loads((ran / "results/05_training.json").read_text())["figures"]
    names = [f"one_session_cells_student_minus_linear_{part}" for part in ("mean", "low", "high")]
    assert figures[names[1]] <= figures[names[0]] <= figures[names[2]]
    shares = ["unknown_refused_at_90_coverage", "known_passed_at_90_coverage", "ece_student",
              "accuracy_at_80_coverage", "toy_loso_top1_student_mean"]
    assert all(0 <= figures[name] <= 1 for name in shares)
    assert figures["toy_loso_top1_student_mean"] == figures["toy_loso_top1_mirrored_mean"]
    assert figures["trainings_missing"] == 0


def test_the_further_trainings_are_kept(ran):
    folder = ran / "checkpoints/grid/toy"
    kept = {path.parent.parent.name for path in folder.glob("*/*/scores.json")}
    assert {"one-ada", "one-ben", "one-gus", "unknown-0", "unknown-1"} <= kept


def test_small_scores(ran):
    "Trainings travel in a file, so answers to questions that nobody asks again are not kept"
    folder = ran / "checkpoints/grid/toy"
    single = json.loads((folder / "one-ada/plain-s0/scores.json").read_text())
    assert len(single["predictions"]["gloss"]) == 2 * len(SIGNS)
    trial = json.loads((folder / "unknown-1/mirrored-s0/scores.json").read_text())
    assert trial["predictions"] == {} and "probability" in trial["trial"]
