"""Recordings of own signs leave the page as `.pose` files: `read_pose` and the library pose-format
read the very landmarks that the page saw, whatever the signs are called."""
import base64
import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
from page_visitor import STATUS, User, write_clip, write_models
from pose_format import Pose
from slr_tiny.core import content_hash
from slr_tiny.datasets.formats import read_pose
from slr_tiny.pose.landmarks import LEFT, RIGHT
from slr_tiny.pose.light_networks import served_networks
from slr_tiny.web.browser import open_page
from slr_tiny.web.server import page_folder
from test_page_camera import shown_to_camera

# ---- the files, from landmarks that are known

@pytest.fixture(scope="module")
def page():
    if not (page_folder() / "index.html").exists(): pytest.skip("the pages are not built")
    with open_page("divergence.html") as tab: yield tab

def landmarks(frames, seed=0):
    "Points in and around an image; a hand, and a whole frame, are missing here and there"
    clip = np.random.default_rng(seed).uniform(-.2, 1.2, (frames, 75, 2)).astype("f4")
    clip[::2, LEFT] = np.nan
    clip[-1, RIGHT] = np.nan
    clip[1:2] = np.nan
    return clip

def saved(page, signs):
    "The file that the page would save: of (name, [(landmarks, rate, width, height)])"
    given = [[name, [dict(landmarks=base64.b64encode(clip.tobytes()).decode(), rate=rate,
                          width=width, height=height) for clip, rate, width, height in recordings]]
             for name, recordings in signs]
    text = page.evaluate("signs => slr.poses(signs)", given)
    return zipfile.ZipFile(io.BytesIO(base64.b64decode(text)))

def same(found, expected):
    "Equal but for the rounding of pixels to 32 bits"
    np.testing.assert_allclose(found, expected, rtol=2 ** -22)

def test_python_reads_what_the_page_saw(page, tmp_path):
    "Landmarks, rate and image; one frame, and an image that is higher than wide"
    clips = [(landmarks(9), 29.97, 1280, 720), (landmarks(1), 25, 480, 640)]
    file = saved(page, [("mine", clips), ("ñandú", clips[:1])])
    assert file.testzip() is None
    assert file.namelist() == ["mine/1.pose", "mine/2.pose", "ñandú/1.pose"]
    file.extractall(tmp_path)
    table = read_pose(tmp_path).set_index("id")
    assert table["gloss"].to_dict() == {"mine/1": "mine", "mine/2": "mine", "ñandú/1": "ñandú"}
    for row, (clip, rate, width, height) in zip(("mine/1", "mine/2"), clips):
        same(table["landmarks"][row], clip)
        assert table["fps"][row] == np.float32(rate)
        assert (table["width"][row], table["height"][row]) == (width, height)

def test_the_library_reads_it(page):
    "In pixels, missing points without confidence; it writes the same bytes again"
    clip = landmarks(9)
    data = saved(page, [("mine", [(clip, 30, 200, 120)])]).read("mine/1.pose")
    pose, again = Pose.read(data), io.BytesIO()
    names = {part.name: part.points for part in pose.header.components}
    assert list(names) == ["POSE_LANDMARKS", "LEFT_HAND_LANDMARKS", "RIGHT_HAND_LANDMARKS"]
    assert (names["POSE_LANDMARKS"][13], names["LEFT_HAND_LANDMARKS"][8]) == (
        "LEFT_ELBOW", "INDEX_FINGER_TIP")
    missing = np.isnan(clip).any(-1)
    np.testing.assert_array_equal(pose.body.confidence[:, 0], ~missing)
    found = np.where(pose.body.data.mask, np.nan, pose.body.data.data)[:, 0]
    same(found, clip * np.float32([200, 120]))
    pose.write(again)
    assert again.getvalue() == data

def test_no_recordings(page):
    "A file with nothing in it is one"
    assert saved(page, []).namelist() == []

NAMES = ["../x", "/etc/x", "a/b", "a\\b", "a:b", "a_b", "CON", "con.txt", "x" * 200, "x" * 199,
         "é" * 99, "👩‍🚀", "...", " . ", "\0", "House", "house", "a\u202eb", "x.pose/", "-", "NUL "]

def test_any_name_is_a_folder_of_its_own(page, tmp_path):
    "No path leads elsewhere, no two signs meet, and safe names stay as they are"
    clips = [(landmarks(2, seed), 25, 64, 48) for seed in range(len(NAMES))]
    file = saved(page, [(name, [clip]) for name, clip in zip(NAMES, clips)])
    folders = [name.removesuffix("/1.pose") for name in file.namelist()]
    assert len({folder.lower() for folder in folders}) == len(NAMES)
    for folder in folders:
        assert folder.strip(" .") == folder != "" and not set(folder) & set('<>:"/\\|?*\0')
        assert len(folder.encode()) < 110 and folder.partition(".")[0].upper() not in ("CON", "NUL")
    for name in ("a_b", "House", "👩‍🚀", "-"): assert folders[NAMES.index(name)] == name
    file.extractall(tmp_path)
    assert {path.parent.parent for path in tmp_path.rglob("*.pose")} == {tmp_path}
    table = read_pose(tmp_path).set_index("gloss")["landmarks"]
    for folder, clip in zip(folders, clips): same(table[folder], clip[0])

# ---- the page

KEPT = """new Promise((done, fail) => {
  const asked = indexedDB.open('slr-tiny', 1)
  asked.onupgradeneeded = () => asked.result.createObjectStore('signs', {keyPath: 'model'})
  asked.onerror = () => fail(asked.error)
  asked.onsuccess = () => {
    const writing = asked.result.transaction('signs', 'readwrite')
    const reading = (store => %s)(writing.objectStore('signs'))
    writing.oncomplete = () => { asked.result.close(); done(reading.result) }
  }
})"""
OPEN = "document.getElementById('own').open = true"
SHOWN = ("[...document.querySelectorAll('#own-tools p')].filter(p => p.offsetParent)"
         ".map(p => p.textContent)")

@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    if not (page_folder() / "index.html").exists(): pytest.skip("the pages are not built")
    return write_models(tmp_path_factory.mktemp("models"))

@pytest.fixture
def user(folder, tmp_path):
    served = {"/models": folder, "/engine": served_networks(), "/clips": tmp_path}
    with open_page("", served) as tab:
        yield User(tab)
        assert tab.errors == [] and tab.outside == []

def kept(user, folder):
    "The record of the signs of the page's model"
    model = content_hash(folder / "student_int8.slr")
    [plain] = user.tab.evaluate(KEPT % "store.getAll()" + """.then(all => all.map(record => ({
      ...record, recorded: (record.recorded ?? []).map(([sign, list]) => [sign, list.map(one => one
        && ({...one, landmarks: Array.from(one.landmarks)}))])})))""")
    assert plain["model"] == model
    return plain

def download(user, button):
    "The file behind a button"
    def save():
        with user.tab.page.expect_download() as file: user.tab.page.click(button)
        return Path(file.value.path()).read_bytes(), file.value.suggested_filename
    return user.tab.call(save)

def teach(user, name, *clips):
    user.tab.evaluate(f"{OPEN}; document.getElementById('own-name').value = {json.dumps(name)}")
    return user.choose("#own-files", *clips)

@pytest.mark.long
def test_recordings_of_the_page(user, folder, tmp_path):
    "What was seen is kept and saved, also of who signs with the left hand, until it is deleted"
    sizes = [(160, 120), (216, 120)]
    clips = [write_clip(tmp_path / f"{k}.mp4", 2, 5 + k, size) for k, size in enumerate(sizes)]
    user.open()
    teach(user, "a/b", clips[0])
    user.tab.evaluate("document.getElementById('left-handed').click()")
    teach(user, "a/b", clips[1])
    user.tab.evaluate("document.getElementById('left-handed').click()")
    [[name, recordings]] = kept(user, folder)["recorded"]
    assert name == "a/b" and len(recordings) == 2
    data, named = download(user, "#own-save-poses")
    assert named == "signs.zip"
    zipfile.ZipFile(io.BytesIO(data)).extractall(tmp_path / "out")
    table = read_pose(tmp_path / "out")
    assert list(table["id"]) == ["a_b/1", "a_b/2"] and set(table["gloss"]) == {"a_b"}
    assert list(zip(table["width"], table["height"])) == sizes
    np.testing.assert_allclose(table["fps"], 25, rtol=1e-3)
    for clip, recording, frames in zip(table["landmarks"], recordings, (5, 6)):
        same(clip, np.float32(recording["landmarks"]).reshape(frames, 75, 2))
    user.press("#own-list button")
    user.tab.wait("document.querySelectorAll('#own-list li').length === 0")
    assert (kept(user, folder)["signs"], kept(user, folder)["recorded"]) == ([], [])
    # another page looks at the same videos
    user.open("divergence.html", ready=False)
    user.tab.wait("Boolean(window.slr)")
    for k, clip in enumerate(table["landmarks"]):
        plan = dict(url=f"/clips/{k}.mp4", engine="keypoints", body="lite", light=True)
        seen = user.tab.evaluate("plan => slr.video(plan)", plan)["landmarks"]
        seen = np.float32([[[np.nan] * 2 if p is None else p for p in frame] for frame in seen])
        np.testing.assert_allclose(clip, seen, atol=1e-4)

@pytest.mark.long
def test_a_record_of_an_older_page(user, folder, tmp_path):
    "Its signs open and are in the JSON; the page says how many recordings have no landmarks"
    model = content_hash(folder / "student_int8.slr")
    rows = np.random.default_rng(0).normal(size=(3, 48)).tolist()
    user.open()
    user.tab.evaluate("old => " + KEPT % "store.put(old)", dict(model=model, signs=[["old", rows]]))
    user.open()
    user.tab.evaluate(OPEN)
    without = ("Recordings made with an earlier version of this page, without such points: 3. They "
               "are in the JSON only.")
    assert user.tab.evaluate(SHOWN)[1:] == [without]
    assert user.tab.evaluate("document.getElementById('own-save-poses').disabled")
    teach(user, "mine", write_clip(tmp_path / "0.mp4"))
    assert user.tab.evaluate(SHOWN)[1:] == [without]
    book = json.loads(download(user, "#own-save")[0])
    assert [(s["gloss"], len(s["recordings"])) for s in book["signs"]] == [("old", 3), ("mine", 1)]
    file = zipfile.ZipFile(io.BytesIO(download(user, "#own-save-poses")[0]))
    assert file.namelist() == ["mine/1.pose"]
    user.press("#own-list button")
    user.tab.wait("document.querySelectorAll('#own-list li').length === 1")
    assert len(user.tab.evaluate(SHOWN)) == 1

@pytest.mark.long
def test_a_recording_of_the_camera(folder, tmp_path):
    "At the rate that the model was trained on, with the proportions of the camera"
    video = write_clip(tmp_path / "0.mp4", 2, 12, (320, 240))
    with shown_to_camera(folder, video) as tab:
        user = User(tab).open()
        tab.evaluate("document.getElementById('by-itself').click()")
        tab.evaluate(f"{OPEN}; document.getElementById('own-name').value = 'mine'")
        user.press("#own-record")
        tab.wait(f"/^Ready/.test({STATUS})")
        user.press("#record")
        tab.wait("document.getElementById('frame-of-stage').classList.contains('recording')")
        tab.wait("(globalThis.since ??= Date.now()) < Date.now() - 2000")
        user.press("#record")
        tab.wait(f"/^mine: 1 of/.test({STATUS})")
        user.press("#close-camera")
        tab.wait("document.getElementById('live').hidden")
        [[_, [recording]]] = kept(user, folder)["recorded"]
        data, _ = download(user, "#own-save-poses")
        zipfile.ZipFile(io.BytesIO(data)).extractall(tmp_path / "out")
        table = read_pose(tmp_path / "out")
        assert list(table["gloss"]) == ["mine"] and table["fps"][0] == 25
        assert table["width"][0] / table["height"][0] == 4 / 3
        same(table["landmarks"][0], np.float32(recording["landmarks"]).reshape(-1, 75, 2))
