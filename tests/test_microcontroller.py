"""Networks as C and as firmware: random networks and images, every kernel, and what is refused."""
import shutil

import cv2
import numpy as np
import onnx
import pytest
import torch
from conftest import sampled
from onnx import helper
from slr_tiny.core import InputError
from slr_tiny.datasets.alphabet import read_alphabet
from slr_tiny.deploy.image_int8 import images_to_onnx, integer_core, quantize_images
from slr_tiny.deploy.image_int8 import quantize_input, run_integers
from slr_tiny.mcu.codegen import generate
from slr_tiny.mcu.emulator import answer_images, build, clip_firmware, image_firmware, missing_tools
from slr_tiny.mcu.host import HostModel
from slr_tiny.models.vgg import Residual, conv_block
from test_bad_input import sentence
from torch import nn

needs_gcc = pytest.mark.skipif(shutil.which("gcc") is None, reason="gcc is not installed")
needs_chip = pytest.mark.skipif(bool(missing_tools()),
                                reason=f"not installed: {', '.join(missing_tools())}; make mcu")
KINDS = ("conv", "depthwise", "residual", "pool")

def random_network(rng):
    "A few layers of random kinds, widths, kernels and steps"
    channels = int(rng.integers(1, 14))
    layers = [conv_block(3, channels, 3)]
    for kind in rng.permutation(KINDS):
        kernel, stride = int(rng.choice([1, 3, 5])), int(rng.integers(1, 3))
        if kind == "pool":
            layers.append(nn.MaxPool2d(int(rng.integers(2, 4)), 2, padding=1))
        elif kind == "residual": layers.append(Residual(channels, channels))
        else:
            width = channels if kind == "depthwise" else int(rng.integers(1, 21))
            layers.append(conv_block(channels, width, kernel, stride,
                                     groups=channels if kind == "depthwise" else 1))
            channels = width
    network = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(),
                            nn.Linear(channels, int(rng.integers(2, 12))))
    for layer in network.modules():
        if isinstance(layer, nn.BatchNorm2d): nn.init.uniform_(layer.weight, .5, 2)
    return network

def random_model(seed, folder):
    "An int8 file and random images"
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    size = int(rng.integers(9, 34))
    images = rng.integers(0, 256, (8, size, size, 3), dtype=np.uint8)
    floats = images_to_onnx(random_network(rng), folder / f"{seed}.onnx", size)
    return quantize_images(floats, folder / f"{seed}_int8.onnx", images[:4]), images

@needs_gcc
@pytest.mark.parametrize("seed", sampled(range(6), (0, 1)))
def test_c_is_onnx_runtime_bit_for_bit(seed, tmp_path):
    path, images = random_model(seed, tmp_path)
    values = quantize_input(path, images)
    expected = run_integers(integer_core(path), values)
    for budget in (0, 1 << 20):
        host = HostModel(generate(path, budget), tmp_path / str(budget))
        assert (host.run(values) == expected).all()

@needs_chip
@pytest.mark.parametrize("seed", sampled(range(3), (2,)))
def test_the_emulated_chip_says_the_same(seed, tmp_path):
    path, images = random_model(seed, tmp_path)
    values = quantize_input(path, images)
    for budget in (0, 1 << 20):
        firmware = image_firmware(generate(path, budget), tmp_path / str(budget))
        answers, run = answer_images(firmware, values)
        assert (answers == run_integers(integer_core(path), values)).all()
        assert run.count == len(images) and run.stack_bytes < 4096

@needs_chip
@pytest.mark.parametrize("memory, array", [("RAM", "int a[100000]; int main(void) "
                                                   "{ return a[board()]; }"),
                                           ("flash", "const int a[300000] = {1}; int main(void) "
                                                     "{ return a[board()]; }")])
def test_what_does_not_fit_is_said_in_bytes(memory, array, tmp_path):
    source = tmp_path / "large.c"
    source.write_text(f"int board(void) {{ return *(volatile int *)0x20000000; }} {array}\n")
    with pytest.raises(InputError) as error: build([source], tmp_path)
    said = sentence(error, memory)
    assert any(word.isdigit() and int(word) > 60_000 for word in said.split())

def alphabet_folder(folder, counts):
    "Class folders with so many images"
    for name, count in counts.items():
        (folder / name).mkdir(parents=True)
        for number in range(count):
            cv2.imwrite(str(folder / name / f"{name}{number}.png"), np.zeros((9, 9, 3), np.uint8))
    return folder

def no_classes(folder):
    folder.mkdir(exist_ok=True)
    read_alphabet(folder)

def one_image(folder): read_alphabet(alphabet_folder(folder, {"A": 3, "B": 1}))

def no_image(folder):
    alphabet_folder(folder, {"A": 3})
    (folder / "A" / "A1.png").write_text("hello")
    read_alphabet(folder)

def empty_image(folder):
    alphabet_folder(folder, {"A": 3})
    (folder / "A" / "A2.png").write_bytes(b"")
    read_alphabet(folder)

def no_archive(folder):
    folder.mkdir(exist_ok=True)
    (folder / "set.zip").write_bytes(b"PK\3\4" + bytes(100))
    read_alphabet(folder / "set.zip")

def unknown_operator(folder):
    folder.mkdir(exist_ok=True)
    path, _ = random_model(0, folder)
    model = onnx.load(path)
    model.graph.node[1].op_type = "Sigmoid"
    generate(model)

def not_quantized(folder):
    folder.mkdir(exist_ok=True)
    random_model(0, folder)
    generate(folder / "0.onnx")

def grouped(folder):
    folder.mkdir(exist_ok=True)
    path, _ = random_model(0, folder)
    model = onnx.load(path)
    node = next(node for node in model.graph.node if node.op_type == "QLinearConv")
    node.name = "odd"
    node.attribute.append(helper.make_attribute("dilations", [2, 2]))
    for attribute in [a for a in node.attribute if a.name == "dilations"][:-1]:
        node.attribute.remove(attribute)
    generate(model)

@pytest.mark.parametrize("make, named", [
    (no_classes, "alphabet"), (one_image, "class B"), (no_image, "A1.png"),
    (empty_image, "A2.png"), (no_archive, "set.zip"), (unknown_operator, "Sigmoid"),
    (not_quantized, "quantize_images"), (grouped, "odd")], ids=lambda x: getattr(x, "__name__", ""))
def test_bad_input(make, named, tmp_path):
    with pytest.raises(InputError) as error: make(tmp_path / "alphabet")
    sentence(error, named)

@needs_chip
def test_a_file_that_is_no_model_of_our_runtime(tmp_path):
    (tmp_path / "other.slr").write_bytes(b"other")
    with pytest.raises(InputError) as error: clip_firmware(tmp_path / "other.slr", tmp_path / "out")
    sentence(error, "other.slr")
