"""A chapter fails: the others finish, the summary says which and why, and the same command goes on
with what was missing."""
import shutil

import pytest
from small_project import profile, reproduce, small_project

pytestmark = pytest.mark.long

RUN = "_run/größe 'one' \"two\"; touch written"     # a shell would read this as commands

FAILING = ("04_spoter", "06_distillation")

@pytest.fixture(scope="module")
def failed(tmp_path_factory):
    """A small project in a folder with a space, whose chapters 4 and 6 fail, for a reason outside:
    its folder, exit status, words"""
    folder = small_project(tmp_path_factory.mktemp("small project"))
    profile(folder, run=RUN)
    for name in FAILING: (folder / f"block-{name}").touch()
    return folder, *reproduce(folder)

def test_the_others_finish(failed):
    folder, status, said = failed
    assert status != 0
    done = {path.stem for path in (folder / RUN / "results").glob("*.json")}
    assert done == {"02_datasets", "03_extraction", "05_training", "12_pruning",
                    "13_microcontroller", "14_continuous"}, said
    assert not (folder / "written").exists()

def test_the_summary_says_which_and_why(failed):
    folder, status, said = failed
    summary = said[said.index("2 chapters failed"):]
    for name in FAILING:
        assert (
            f"{name}: This chapter was told to fail; ask it not to." in summary
            and f"executed/{name}.ipynb" in summary
        )
    assert "07_quantization" not in summary and "Traceback" not in said
    for name in FAILING: assert "told to fail" in (folder / RUN / "log" / f"{name}.log").read_text()

def test_the_last_page_shows_what_there_is(failed):
    "Chapter 15 runs although results are missing"
    folder, status, said = failed
    assert "15_results" in said and (folder / RUN / "index.html").exists()

def test_the_same_command_goes_on(failed):
    """With what failed and what was waiting for it, and with a result that was damaged meanwhile;
    nothing else runs again"""
    folder, *_ = failed
    before = (folder / RUN / "results/02_datasets.json").stat().st_mtime_ns
    (folder / RUN / "results/05_training.json").write_bytes(b"")
    for name in FAILING: (folder / f"block-{name}").unlink()
    # nothing else has changed, and the last page exists already
    status, said = reproduce(folder)
    assert status == 0 and "05_training.json is damaged" in said, said
    assert (folder / RUN / "results/02_datasets.json").stat().st_mtime_ns == before
    assert {path.stem for path in (folder / RUN / "results").glob("*.json")} >= {
        "04_spoter", "06_distillation", "07_quantization", "10_divergence"}
    begun = {line.split()[0] for line in said.splitlines() if " begins" in line}
    assert begun >= {"04_spoter", "05_training", "06_distillation",
                     "15_results"} and not begun & {"01_landmarks", "02_datasets", "03_extraction"}
    shutil.rmtree(folder / RUN)
