"""The page of the letters in Chromium: it answers as ONNX Runtime does, and what is no network of
letters, or no image, ends in a sentence and leaves no answer behind."""
import base64
import json

import cv2
import numpy as np
import pytest
import torch
from slr_tiny.deploy.image_int8 import images_to_onnx, integer_core, quantize_images
from slr_tiny.deploy.image_int8 import quantize_input, run_integers
from slr_tiny.mcu.codegen import generate
from slr_tiny.mcu.wasm_images import letters_note, missing_wasm_tools, with_note, write_letters
from slr_tiny.models.vgg import SeparableCNN
from slr_tiny.core import InputError
from slr_tiny.web.browser import open_models, open_page
from slr_tiny.web.server import page_folder

CLASSES = [f"letter {number}" for number in range(29)]
NOTHING = b"\0asm\1\0\0\0"  # a module without functions
NOTE = dict(classes=CLASSES, size=32, codes=[0] * 256, scale=.1, zero=0)
STATUS = "document.getElementById('status').textContent"
BEST = "document.getElementById('best').textContent"
needs_tools = pytest.mark.skipif(bool(missing_wasm_tools()), reason="clang-19 is not installed")

BAD = {
    "text": b"no module",
    "cut": NOTHING[:6],
    "no note": NOTHING,
    "no functions": with_note(NOTHING, "about", NOTE),
    "no JSON": with_note(NOTHING, "about", NOTE)[:-1] + b"?",
    **{f"{key} {value!r}"[:30]: with_note(NOTHING, "about", NOTE | {key: value}) for key, value in
       [("classes", "ABC"), ("classes", []), ("classes", [1]), ("codes", [0] * 255), ("size", 0),
        ("codes", [300] * 256), ("size", 1e6), ("scale", 0), ("scale", None), ("zero", 1000)]},
}

@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    for number, content in enumerate(BAD.values()):
        (folder / f"bad{number}.wasm").write_bytes(content)
    return folder

@pytest.mark.parametrize("number", range(len(BAD)), ids=list(BAD))
def test_what_is_no_network_is_named(folder, number):
    with open_page(f"letters.html?model=models/bad{number}.wasm",
                   {"/": page_folder(), "/models": folder}) as tab:
        tab.evaluate("() => letters.ready")
        said = tab.evaluate(STATUS)
        assert f"bad{number}.wasm" in said and said.endswith("choose another file."), said
        assert tab.evaluate("() => document.getElementById('image-file').disabled")

def test_a_missing_file_and_another_site_are_named(folder):
    for address, said in (("models/none.wasm", "none.wasm does not lie beside"),
                          ("https://example.org/x.wasm", "own server only")):
        with open_page(f"letters.html?model={address}",
                       {"/": page_folder(), "/models": folder}) as tab:
            tab.evaluate("() => letters.ready")
            assert said in tab.evaluate(STATUS)

def test_the_stopwatch_names_what_it_cannot_take(folder):
    "The benchmark page opens letters' modules beside ONNX files; a module of another kind is named"
    number = list(BAD).index("no note")
    with pytest.raises(InputError, match="bad"), open_models({"bad": folder / f"bad{number}.wasm"}):
        pass

@needs_tools
def test_the_page_answers_as_onnx_runtime(folder):
    torch.manual_seed(3)
    rng = np.random.default_rng(3)
    images = rng.integers(0, 256, (12, 8, 8, 3), dtype=np.uint8).repeat(4, 1).repeat(4, 2)
    path = quantize_images(images_to_onnx(SeparableCNN(), folder / "f.onnx"), folder / "q.onnx",
                           images)
    network = generate(path)
    write_letters(network, letters_note(network, CLASSES), folder / "letters.wasm", folder / "c")
    expected = run_integers(integer_core(path), quantize_input(path, images))
    pngs = [cv2.imencode(".png", image[..., ::-1])[1].tobytes() for image in images]
    texts = [base64.b64encode(png).decode() for png in pngs]
    # the square in the middle of a larger image, three times as large
    large = np.zeros((96, 140, 3), np.uint8)
    large[:, 22:118] = images[0].repeat(3, 0).repeat(3, 1)[..., ::-1]
    texts.append(base64.b64encode(cv2.imencode(".png", large)[1]).decode())
    with open_page("letters.html", {"/": page_folder(), "/models": folder}) as tab:
        said = tab.evaluate("texts => Promise.all(texts.map(letters.outputs))", texts)
        assert (np.array(said) == [*expected, expected[0]]).all()
        (folder / "image.png").write_bytes(pngs[0])
        (folder / "text.png").write_text("no image")
        (folder / "small.png").write_bytes(cv2.imencode(".png", large[:5, :5])[1].tobytes())
        for name, part in (("image.png", "image.png: "), ("text.png", "no image that this browser"),
                           ("image.png", "image.png: "), ("small.png", "choose a larger image")):
            tab.call(tab.page.set_input_files, "#image-file", folder / name)
            tab.wait(f"{STATUS}.includes({json.dumps(part)})")
            assert (tab.evaluate(BEST) == "–") == (name != "image.png")
