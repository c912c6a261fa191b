"""The demo page at a camera: Chromium's own stand-in for one, fed with a rendered clip; one sign, and
signs until somebody stops it; when a sign begins and ends, frames at an even rate, and the mirror
for who signs with the left hand."""
import contextlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from page_visitor import STATUS, User, write_clip, write_models
from playwright.sync_api import sync_playwright
from slr_tiny.pose.landmarks import LANDMARKS, mirror
from slr_tiny.pose.light_networks import served_networks
from slr_tiny.pose.video import read_frames
from slr_tiny.web.browser import PATIENCE, Browser, Tab, open_page
from slr_tiny.web.server import page_folder, serve
from test_page_sentences import ROWS, SIGNS, Reader, cues, film, networks

pytestmark = pytest.mark.long

class WithCamera(Browser):
    "A Chromium whose camera shows a file, or refuses"
    options = []

    def _start(self, path):
        playwright = sync_playwright().start()
        self._stops.append(playwright.stop)
        args = ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", *self.options]
        self.program = playwright.chromium.launch(executable_path=path, args=args,
                                                  timeout=1000 * PATIENCE)
        self._stops.append(self.program.close)

def as_y4m(clip, path):
    "The frames of a video as a file that Chromium takes for a camera"
    frames, _, (width, height) = read_frames(clip)
    with open(path, "wb") as file:
        file.write(f"YUV4MPEG2 W{width} H{height} F25:1 Ip A1:1 C420jpeg\n".encode())
        for frame in frames:
            file.write(b"FRAME\n" + cv2.cvtColor(frame, cv2.COLOR_RGB2YUV_I420).tobytes())
    return path

@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    if not (page_folder() / "index.html").exists(): pytest.skip("the pages are not built")
    return write_models(tmp_path_factory.mktemp("models"))

def at_camera(folder, options):
    "A page in a browser of its own"
    class Own(WithCamera): pass
    Own.options = options
    browser = Own()
    return browser

@contextlib.contextmanager
def shown_to_camera(folder, video):
    "The page in a browser whose camera shows a video, again and again"
    film = as_y4m(video, video.with_suffix(".y4m"))
    browser = at_camera(folder, ["--use-fake-device-for-media-stream",
                                 "--use-fake-ui-for-media-stream",
                                 f"--use-file-for-fake-video-capture={film}"])
    try:
        with serve({"/": page_folder(), "/models": folder,
                    "/engine": served_networks()}) as address:
            tab = Tab(address, "", browser)
            yield tab
            assert (tab.errors, tab.outside) == ([], [])
            tab.close()
    finally: browser.close()

def test_a_sign_before_the_camera(folder, tmp_path):
    "Countdown, recording, an answer; then the camera is closed and its light goes out"
    video = write_clip(tmp_path / "clip.mp4", frames=12, size=(320, 240))
    with shown_to_camera(folder, video) as tab:
        user = User(tab).open()
        tab.evaluate("document.getElementById('by-itself').click()")
        user.press("#camera")
        tab.wait("!document.getElementById('live').hidden")
        stage = "document.getElementById('frame-of-stage').classList.contains"
        tab.wait(f"{stage}('camera')")
        assert tab.evaluate(f"{stage}('mirrored')")
        tab.wait(f"/^Ready/.test({STATUS})")
        user.press("#record")
        tab.wait(f"{stage}('recording')")
        tab.wait("(globalThis.since ??= Date.now()) < Date.now() - 2000")
        user.press("#record")
        tab.wait(f"/^(Recognised|Not sure)/.test({STATUS})")
        assert tab.evaluate("document.querySelectorAll('#guesses li').length") == 3
        track = tab.evaluate("document.getElementById('video').srcObject.getTracks().length")
        assert track == 1
        user.press("#close-camera")
        tab.wait("document.getElementById('live').hidden")
        assert tab.evaluate("document.getElementById('video').srcObject") is None
        assert not tab.evaluate("document.getElementById('camera').hidden")

def test_sentences_before_the_camera(folder, tmp_path):
    "Glosses appear while it runs; when it is closed they stay, with their times, to be saved"
    networks(folder)
    with shown_to_camera(folder, Path(film(tmp_path / "film.mp4"))) as tab:
        user = Reader(tab).open().sentences()
        user.press("#camera")
        tab.wait("document.querySelectorAll('#segments tr').length > 1")
        assert not tab.evaluate("document.getElementById('live').hidden")
        assert not tab.evaluate("document.getElementById('record').offsetParent")
        user.press("#close-camera")
        tab.wait("document.getElementById('live').hidden")
        assert user.wait().startswith("Done: ")
        assert tab.evaluate("document.getElementById('video').srcObject") is None
        rows, told = tab.evaluate(ROWS), cues(user.saved("#save-vtt")[1])
        assert [row[0] for row in rows] == [gloss for _, _, gloss in told]
        assert len(told) > 1 and {gloss for _, _, gloss in told} <= set(SIGNS)
        assert all(a[1] <= b[1] for a, b in zip(told, told[1:]))

@pytest.mark.parametrize("options, said", [
    (["--use-fake-device-for-media-stream=device-count=0", "--use-fake-ui-for-media-stream"],
     "No camera was found"),
    (["--deny-permission-prompts"], "not allowed|No camera")])
def test_a_camera_that_is_not_there(folder, options, said):
    import re
    browser = at_camera(folder, options)
    try:
        with serve({"/": page_folder(), "/models": folder}) as address:
            tab = Tab(address, "", browser)
            user = User(tab).open()
            user.press("#camera")
            assert re.search(said, user.wait()), user.status()
            assert tab.evaluate("document.getElementById('live').hidden")
            tab.close()
    finally: browser.close()

# ---- without a camera

@pytest.fixture(scope="module")
def page():
    with open_page("divergence.html") as tab: yield tab

def person(hand):
    "Somebody whose right hand is as high as `hand` (the shoulders are at .3)"
    points = np.full((75, 2), np.nan)
    for name, place in dict(left_shoulder=(.6, .3), right_shoulder=(.4, .3), left_wrist=(.7, 1.2),
                            right_wrist=(.4, hand)).items():
        points[LANDMARKS.index(name)] = place
    return points

def rows(frames):
    "As the page takes them"
    return [[None if np.isnan(p).any() else p.tolist() for p in frame] for frame in frames]

def test_hands_rise_and_rest(page):
    "At 25 and at 5 frames a second the sign is where the hand is up; a scratch is none"
    for rate in (25, 5):
        times = np.arange(0, 4000, 1000 / rate)
        heights = np.where((times >= 1000) & (times < 2500), .5, 1.1)
        begin, end = page.evaluate("([rows, times]) => slr.live.sign(rows, times)",
                                   [rows(map(person, heights)), times.tolist()])
        assert 500 <= begin <= 1000 and 2300 <= end <= 2800
    scratch = np.where(np.arange(100) == 50, .5, 1.1)
    for heights in (scratch, np.full(100, 1.1), np.full(100, np.nan)):
        times = (40. * np.arange(100)).tolist()
        assert page.evaluate("([rows, times]) => slr.live.sign(rows, times)",
                             [rows(map(person, heights)), times]) is None

def test_frames_at_an_even_rate(page):
    "A steady movement seen at uneven times is steady again; a missing point is its neighbour's"
    rng = np.random.default_rng(0)
    times = np.sort(rng.uniform(0, 2000, 40))
    times[[0, -1]] = 0, 2000
    frames = np.stack([np.full((75, 2), time / 4000) for time in times])
    found = np.array(page.evaluate("([rows, times]) => slr.live.resample(rows, times, 25)",
                                   [rows(frames), times.tolist()]))
    assert found.shape == (51, 75, 2)
    assert np.abs(found[:, 0, 0] - np.arange(51) * .01).max() < 1e-6
    frames[10:12, 5] = np.nan
    again = page.evaluate("([rows, times]) => slr.live.resample(rows, times, 25)",
                          [rows(frames), times.tolist()])
    assert sum(frame[5] is None for frame in again) < 10 and again[0][5] is not None

def test_the_mirror_is_pythons(page):
    frames = np.random.default_rng(1).random((3, 75, 2))
    found = np.array(page.evaluate("rows => slr.live.mirror(rows)", frames.tolist()))
    assert np.abs(found - mirror(frames)).max() < 1e-6
