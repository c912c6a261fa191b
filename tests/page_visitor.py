"""What the tests of the demo page share: models, clips, a server that can fall silent, and somebody
who uses the page as people do."""
import dataclasses
import functools
import json
import threading
import zlib
from pathlib import Path

import numpy as np
import onnx
import torch
from slr_tiny.datasets.avatar import animate, load_lexicon, load_signers
from slr_tiny.datasets.rendering import render_clip
from slr_tiny.deploy.packing import pack
from slr_tiny.deploy.recognizer import export
from slr_tiny.deploy.wasm import HEADER
from slr_tiny.models.frame_features import FrameFeatureCNN
from slr_tiny.pose.landmarker import landmarker_name
from slr_tiny.web.server import Files

GLOSSES = ["up", "down", "sideways"]
STATUS = "document.getElementById('status').textContent"
IS_ERROR = "document.getElementById('status').classList.contains('error')"
ABOUT = "document.getElementById('model-about').textContent"
BEST = "document.getElementById('best').textContent"
NOTES = {"engine": landmarker_name("lite")}

def student(channels=24):
    "A small student with random weights"
    torch.manual_seed(17)
    return FrameFeatureCNN(len(GLOSSES), channels=channels).eval()

def write_models(folder, kinds=("slr",)):
    "A model, as `.slr` under the name that the page asks for, and as ONNX if that is wanted"
    pack(student(), GLOSSES, folder / "student_int8.slr", "raw", NOTES, "int8")
    if "onnx" in kinds: export(student(), GLOSSES, folder / "whole.onnx", "raw", NOTES)
    return folder

def with_notes(source, path, **notes):
    "The same graph with other notes, written as they are"
    graph = onnx.load(source)
    old = {pair.key: pair.value for pair in graph.metadata_props}
    onnx.helper.set_model_props(graph, old | {k: v if isinstance(v, str) else json.dumps(v)
                                              for k, v in notes.items()})
    onnx.save(graph, path)
    return path

def with_slr_notes(source, path, **notes):
    "The same file of our runtime with other notes, and a checksum that fits"
    content = Path(source).read_bytes()
    header = np.frombuffer(content[:HEADER.itemsize], HEADER).copy()
    end = len(content) - int(header["metadata_bytes"][0])
    text = json.dumps(json.loads(content[end:]) | notes).encode()
    header["metadata_bytes"] = len(text)
    body = header.tobytes()[16:] + content[HEADER.itemsize:end] + text
    header["crc32"] = zlib.crc32(body)
    Path(path).write_bytes(header.tobytes()[:16] + body)
    return path

def write_clip(path, number=2, frames=6, size=(160, 120)):
    "A few frames of a performance, as a video"
    signer = list(load_signers().values())[number]
    sign = list(load_lexicon().values())[number]
    motion = animate(sign, signer, np.random.default_rng(number))
    middle = slice(len(motion.points) // 3, len(motion.points) // 3 + frames)
    motion = dataclasses.replace(motion, points=motion.points[middle], head=motion.head[middle])
    return render_clip(motion, signer, path, size=size)

class Line(Files):
    "The server of section 11a, whose line can be counted and can fall silent"
    counts, silent, lock = {}, None, threading.Lock()

    def keeping(self):
        return "no-cache"  # a browser may keep it, and asks whether it has changed

    async def get(self, path, include_body=True):
        import asyncio
        while Line.silent is not None and Line.silent(self.request.path):
            await asyncio.sleep(.1)  # until somebody else ends the silence
        await super().get(path, include_body)
        with Line.lock:
            if self.get_status() == 200:
                Line.counts[self.request.path] = Line.counts.get(self.request.path, 0) + 1

class User:
    "Somebody at the page of a tab"
    def __init__(self, tab): self.tab = tab

    def open(self, name="index.html", ready=True):
        self.tab.call(self.tab.page.goto, f"{self.tab.address}/{name}")
        if ready: self.tab.wait("!document.getElementById('video-file').disabled")
        return self

    def status(self): return self.tab.evaluate(STATUS)

    def choose(self, field, *paths):
        "Files in a field; what the page says when it is done with them"
        self.tab.evaluate("document.getElementById('status').textContent = ''")
        self.tab.call(self.tab.page.set_input_files, field, [str(path) for path in paths])
        return self.wait()

    def wait(self):
        "What the page says when it is done"
        self.tab.wait(f"{STATUS} && document.getElementById('cancel').hidden && "
                      f"!/…$/.test({STATUS})")
        return self.status()

    def model(self, path): return self.choose("#model-file", path)
    def videos(self, *paths): return self.choose("#video-file", *paths)
    def press(self, button):
        "Click; a button that does not come is an error, and not waited for"
        patient = functools.partial(self.tab.page.click, timeout=30_000)
        self.tab.call(patient, button)

    def is_cut_off(self, width):
        "Whether something has to be scrolled sideways, in either language; all details are open"
        opened = "document.querySelectorAll('details').forEach(part => part.open = true)"
        self.tab.evaluate(opened)
        found = []
        for language in ("es", "en"):
            self.press(f"#speak-{language}")
            self.tab.wait(f"document.documentElement.lang === '{language}'")
            found.append(self.tab.evaluate("document.documentElement.scrollWidth") > width)
        return any(found)

    def kept(self):
        "Until the page says that it is kept on the device"
        self.tab.wait("/without a network/.test(document.getElementById('offline').textContent)")
