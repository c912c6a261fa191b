"""A run is killed, politely or not, at its root, in the middle and at its leaves: nothing goes on,
and the same command does."""
import signal
import subprocess

import psutil
import pytest
from conftest import sampled
from small_project import environment, living, profile, reproduce, small_project, start, until

pytestmark = pytest.mark.long

@pytest.fixture(scope="module")
def project(tmp_path_factory):
    "A small project whose second chapter works for a long time, with two workers"
    folder = small_project(tmp_path_factory.mktemp("small"))
    profile(folder, c02=dict(wait=1000))
    return folder

def begun(folder):
    """A run in the middle of its work: make, pipeline, guard, Snakemake, chapter, guard, kernel,
    two workers"""
    process = start(folder)
    assert until(lambda: len(living(folder).get("worker", [])) == 2), (
        folder / "said.txt").read_text()
    return process, living(folder)

KILLS = {
    "TERM to make": (signal.SIGTERM, ["make"]),
    "INT to make": (signal.SIGINT, ["make"]),
    "HUP to the pipeline": (signal.SIGHUP, ["pipeline"]),
    "kill -9 of make": (signal.SIGKILL, ["make"]),
    "kill -9 of Snakemake": (signal.SIGKILL, ["snakemake"]),
    "kill -9 of all parents": (signal.SIGKILL, ["make", "pipeline", "snakemake", "chapter"]),
}

@pytest.mark.parametrize("kill", sampled(KILLS, ["TERM to make", "kill -9 of all parents"]))
def test_nothing_is_left(project, kill):
    number, kinds = KILLS[kill]
    process, tree = begun(project)
    for kind in kinds: tree[kind][0].send_signal(number)
    assert until(lambda: not living(project)), living(project)
    assert process.wait(60) != 0
    said = (project / "said.txt").read_text()
    assert "Traceback" not in said
    if number != signal.SIGKILL: assert "the same command goes on" in said

@pytest.mark.parametrize("kind", sampled(["chapter", "kernel"], ["kernel"]))
def test_a_killed_chapter_takes_its_workers_along(project, kind):
    "The rest of the run goes on, or says what happened"
    process, tree = begun(project)
    old = [*tree["kernel"], *tree["worker"]]
    tree[kind][0].kill()
    assert until(lambda: not any(one.is_running() and one.status() != psutil.STATUS_ZOMBIE
                                 for one in old))
    assert process.wait(120) != 0 and until(lambda: not living(project))
    if kind == "kernel":
        assert "02_datasets" in (project / "said.txt").read_text().split("FAILED")[1]

def test_the_same_command_goes_on(project):
    "At once after a kill, without the drafts that it left, and never twice"
    process, tree = begun(project)
    second = subprocess.run(["make", "reproduce"], cwd=project, env=environment(),
                            capture_output=True, text=True)
    assert second.returncode != 0 and "Another run" in second.stderr
    draft = project / "_run/quick/tables/.clips.99999999.parquet"
    draft.parent.mkdir(parents=True, exist_ok=True)
    draft.write_text("half")
    tree["make"][0].kill()
    process.wait()
    profile(project)
    status, said = reproduce(project)
    assert status == 0 and "Another run" not in said, said
    assert not draft.exists() and (project / "_run/quick/index.html").exists()

