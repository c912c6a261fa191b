"""The demo page over a long time and on weak devices; `make test-browser` runs these."""
import pytest
from page_visitor import ABOUT, IS_ERROR, STATUS, User, write_clip, write_models
from slr_tiny.pose.light_networks import served_networks
from slr_tiny.web.browser import Browser, Tab, open_page
from slr_tiny.web.server import page_folder, serve

pytestmark = pytest.mark.slow

@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    if not (page_folder() / "index.html").exists(): pytest.skip("the pages are not built")
    return write_models(tmp_path_factory.mktemp("models"), ("slr", "onnx"))

class WithoutSimd(Browser):
    "A Chromium that believes its processor to be twenty years old"
    flags = (*Browser.flags, "--js-flags=--no-enable-sse4-1 --no-enable-ssse3")

def test_a_device_without_simd(folder, tmp_path):
    "Our own runtime works; that hands cannot be found is said, and nothing is called damaged"
    clip = write_clip(tmp_path / "clip.mp4")
    browser = WithoutSimd()
    try:
        with serve({"/": page_folder(), "/models": folder,
                    "/engine": served_networks()}) as address:
            tab = Tab(address, "", browser)
            user = User(tab).open()
            if "simd" in tab.evaluate(ABOUT) or "relaxed" in tab.evaluate(ABOUT):
                pytest.skip("this browser computes with vectors whatever it is told")
            assert "plain" in tab.evaluate(ABOUT)
            assert "SIMD" in user.videos(clip) and tab.evaluate(IS_ERROR)
            assert "SIMD" in user.model(folder / "whole.onnx")
            assert "plain" in tab.evaluate(ABOUT)
            tab.close()
    finally: browser.close()

CLIPS = 200

def test_many_clips(folder, tmp_path):
    "What the page holds after many clips is what it held after ten"
    clip = write_clip(tmp_path / "clip.mp4", frames=3)
    with open_page("", {"/models": folder, "/engine": served_networks()}) as tab:
        user = User(tab).open()
        tools = tab.call(tab.page.context.new_cdp_session, tab.page)
        tab.call(tools.send, "Performance.enable")
        def held():
            tab.call(tools.send, "HeapProfiler.collectGarbage")
            metrics = tab.call(tools.send, "Performance.getMetrics")["metrics"]
            return {m["name"]: m["value"] for m in metrics}
        for number in range(CLIPS):
            assert user.videos(clip).startswith("Recognised")
            if number == 9: before = held()
        after = held()
        assert after["JSEventListeners"] <= before["JSEventListeners"]
        assert after["Nodes"] <= before["Nodes"] + 50
        assert after["JSHeapUsedSize"] <= before["JSHeapUsedSize"] + 20e6
        assert tab.errors == [] and user.tab.evaluate(STATUS)

TASKS = """globalThis.tasks = []; new PerformanceObserver(list => tasks.push(
  ...list.getEntries().map(task => task.duration))).observe({type: 'longtask', buffered: true})"""

def test_long_tasks_are_counted(folder, tmp_path):
    "How long the page stands still at a quarter of the speed; printed, for it is this machine's"
    clip = write_clip(tmp_path / "clip.mp4")
    with open_page("", {"/models": folder, "/engine": served_networks()}) as tab:
        tools = tab.call(tab.page.context.new_cdp_session, tab.page)
        tab.call(tools.send, "Emulation.setCPUThrottlingRate", dict(rate=4))
        tab.call(tab.page.add_init_script, TASKS)
        user = User(tab).open()
        assert user.videos(clip).startswith("Recognised")
        tasks = tab.evaluate("tasks")
        print("long tasks (ms) at 4x:", [round(task) for task in sorted(tasks)])
        assert all(task > 0 for task in tasks)
