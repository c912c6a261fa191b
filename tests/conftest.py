"""What the tests share: the project's folder, real recordings where there are some, and one
Chromium for all."""
import os

# the models here are small; more threads only wait for one another
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("GLOG_minloglevel", "2")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("MPLBACKEND", "agg")

import subprocess
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parents[1]
# the same examples on every machine
settings.register_profile("house", max_examples=40, deadline=None, derandomize=True)
settings.load_profile("house")

def tracked():
    "Files that are in git or would be: neither ignored nor deleted"
    run = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                         cwd=ROOT, capture_output=True, text=True)
    if run.returncode: pytest.skip("not a git clone, so the tracked files are unknown")
    return [ROOT / name for name in sorted(set(run.stdout.split("\0"))) if name
            and (ROOT / name).is_file()]

def sampled(values, kept):
    "Parameters of a test: those that are kept, and the others for `make test-all` alone"
    return [value if value in kept else pytest.param(value, marks=pytest.mark.slow)
            for value in values]

@pytest.fixture(scope="session")
def real_data():
    "The folder of real recordings"
    from slr_tiny.core import real_data
    folder = real_data()
    if folder is None: pytest.skip("SLR_TINY_REAL_DATA is not set, so there are no real recordings")
    return folder
