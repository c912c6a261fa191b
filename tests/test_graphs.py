"""Operations on a graph: what they promise of the answers, on models that have learned nothing and
synthetic clips."""
import numpy as np
import onnx
import pytest
import torch
from conftest import sampled
from slr_tiny.deploy.arithmetic import (
    exact_product,
    numpy_logits,
    product_file,
    saturating_product,
    signed_weights,
    unsigned_weights,
)
from slr_tiny.deploy.qdq import quantize_weights
from slr_tiny.deploy.rewrites import (
    quantize_dynamic_wasm, layernorm_to_instancenorm, dynamic_quantize_matmuls,
    fuse_relu_into_quantize, gemm_to_matmul_add,
)
from slr_tiny.deploy.baselines import CONTENDERS, authors_fp32
from slr_tiny.deploy.folding import fold_spoter, relu_to_max
from slr_tiny.deploy.graph import Unbatched, count_operators, logits, session, to_onnx
from slr_tiny.deploy.quantization import SCHEMES, SIGNED, quantize
from slr_tiny.core import InputError, project_root
from slr_tiny.models.spoter import POSITIONS, SPOTER
from slr_tiny.web.compatibility import in_page

LENGTHS = [1, 2, 3, 40, 70, 117, 200]
CLIPS = [np.random.default_rng(n).uniform(-.5, .5, (n, 54, 2)).astype(np.float32) for n in LENGTHS]

def build(layers=1, position=None, seed=0, classes=6):
    "A SPOTER, no two vectors of it equal, since an exporter stores equal ones once"
    torch.manual_seed(seed)
    model = SPOTER(classes, layers, 64, position).eval()
    with torch.no_grad():
        for p in model.parameters(): p.add_(.05 * torch.randn_like(p))
    return model

def in_torch(model):
    with torch.no_grad():
        return np.stack([Unbatched(model)(torch.from_numpy(clip)).numpy() for clip in CLIPS])

@pytest.fixture(scope="module")
def slim(tmp_path_factory):
    "A model of two layers with positions, and its lean file"
    model = build(layers=2, position="sinusoidal")
    return model, to_onnx(fold_spoter(model), torch.rand(20, 54, 2),
                          tmp_path_factory.mktemp("slim") / "slim.onnx")

def changed(operation, path, folder):
    """Answers of a file before and after an operation on its graph, which must leave the model that
    it is given alone"""
    model = onnx.load(path)
    before = model.SerializeToString()
    onnx.save(operation(model), folder / "changed.onnx")
    assert model.SerializeToString() == before
    onnx.checker.check_model(onnx.load(folder / "changed.onnx"))
    return logits(path, CLIPS), logits(folder / "changed.onnx", CLIPS)

@pytest.mark.parametrize("position", POSITIONS)
@pytest.mark.parametrize("layers", [1, 2, 3])
def test_lean_is_exact(layers, position):
    "The cuts in PyTorch, without any file"
    for seed in range(3):
        model = build(layers, position, seed)
        with torch.no_grad():
            cut = np.stack([fold_spoter(model)(torch.from_numpy(clip)).numpy() for clip in CLIPS])
        assert np.abs(cut - in_torch(model)).max() < 1e-5

def test_lean_leaves_the_model_alone():
    model = build()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    model.train()
    fold_spoter(model)
    assert model.training and all(torch.equal(before[name], value)
                                  for name, value in model.state_dict().items())

def test_lean_file(slim):
    model, path = slim
    assert np.abs(logits(path, CLIPS) - in_torch(model)).max() < 1e-5

def test_max_is_relu_to_the_bit(slim, tmp_path):
    before, after = changed(relu_to_max, slim[1], tmp_path)
    assert np.array_equal(before, after)

def test_norms_of_another_kernel(slim, tmp_path):
    before, after = changed(layernorm_to_instancenorm, slim[1], tmp_path)
    counts = count_operators(tmp_path / "changed.onnx")
    # of frames; of the query
    assert (
        np.abs(before - after).max() < 1e-5
        and counts["InstanceNormalization"] == 2 * 2 + 1
        and counts["LayerNormalization"] == 2 * 3
    )

@pytest.mark.parametrize("first", [lambda model: model, relu_to_max])
def test_rounding_is_relu_to_the_bit(slim, tmp_path, first):
    onnx.save(dynamic_quantize_matmuls(first(onnx.load(slim[1]))), tmp_path / "integer.onnx")
    before, after = changed(fuse_relu_into_quantize, tmp_path / "integer.onnx", tmp_path)
    assert np.array_equal(before, after) and count_operators(
        tmp_path / "changed.onnx")["MatMulIntegerToFloat"] == 2

def test_split_gemm(slim, tmp_path):
    before, after = changed(gemm_to_matmul_add, slim[1], tmp_path)
    assert np.abs(before - after).max() < 1e-5 and not count_operators(
        tmp_path / "changed.onnx")["Gemm"]

@pytest.mark.parametrize("operation,share",
                         [(lambda m: quantize_weights(m, half=True), .01), (quantize_weights, .1),
                          (quantize_dynamic_wasm, .1),
                          (lambda m: quantize_weights(quantize_dynamic_wasm(m)), .1)])
def test_rounding_moves_little(slim, tmp_path, operation, share):
    "Codes move the logits by a small share of their spread"
    before, after = changed(operation, slim[1], tmp_path)
    assert 0 < np.abs(before - after).max() < share * before.std()

def test_operations_can_be_repeated(slim, tmp_path):
    "What has been stored as codes is no constant any more, so a second time changes nothing"
    once = quantize_weights(onnx.load(slim[1]))
    assert quantize_weights(once).SerializeToString() == once.SerializeToString()
    assert quantize_dynamic_wasm(
        quantize_dynamic_wasm(onnx.load(slim[1]))).SerializeToString() == quantize_dynamic_wasm(
            onnx.load(slim[1])).SerializeToString()

@pytest.mark.parametrize("scheme", SCHEMES)
def test_schemes(slim, tmp_path, scheme):
    _, path = slim
    small = quantize(path, tmp_path / "small.onnx", scheme, calibration=CLIPS[2:])
    before, after = logits(path, CLIPS), logits(small, CLIPS)
    assert (
        small.stat().st_size < 0.65 * path.stat().st_size
        and np.abs(before - after).max() < before.std()
    )

def test_bad_input(slim, tmp_path):
    _, path = slim
    (tmp_path / "text.onnx").write_text("not a graph")
    for arguments, words in [((path, tmp_path / "x.onnx", "int5"), "choose one of"),
                             ((path, tmp_path / "x.onnx", "static_qdq"), "calibration"),
                             ((path, tmp_path / "x.onnx", "static_qoperator", []), "calibration"),
                             ((tmp_path / "text.onnx", tmp_path / "x.onnx", "browser_int8"),
                              "text.onnx"),
                             ((tmp_path / "none.onnx", tmp_path / "x.onnx", "nbits_4"),
                              "none.onnx")]:
        with pytest.raises(InputError, match=words): quantize(*arguments)
    for make in [*CONTENDERS.values(), lambda model, path: fold_spoter(model)]:
        with pytest.raises(InputError, match="Linear"):
            make(torch.nn.Linear(2, 2), tmp_path / "x.onnx")
    assert not (tmp_path / "x.onnx").exists()

def test_reshape_error_hides_at_forty_frames(tmp_path):
    path = authors_fp32(build(), tmp_path / "stuck.onnx", patched=False)
    logits(path, [CLIPS[LENGTHS.index(40)]])
    with pytest.raises(Exception, match="Reshape"): logits(path, [CLIPS[LENGTHS.index(70)]])

@pytest.mark.long
@pytest.mark.parametrize("position", sampled([None, "sinusoidal"], ["sinusoidal"]))
def test_contenders(tmp_path, position):
    "Four files of one model: equal answers natively and in Chromium, ours not larger than theirs"
    model = build(layers=2, position=position)
    files = {name: make(model, tmp_path / f"{name}.onnx") for name, make in CONTENDERS.items()}
    size = {name: path.stat().st_size for name, path in files.items()}
    assert size["ours_fp32"] <= size["authors_fp32"] and size["ours_int8"] <= size["authors_int8"]
    native, expected = {name: logits(path, CLIPS) for name, path in files.items()}, in_torch(model)
    for name in files:
        assert np.abs(native[name] - expected).max() < (1e-5 if "fp32" in name
                                                        else .1 * expected.std())
    dist = project_root() / "web_demo/node_modules/onnxruntime-web/dist"
    if not dist.is_dir(): pytest.skip("onnxruntime-web is not installed; make web")
    for clip, at in zip(CLIPS[::3], range(0, len(CLIPS), 3)):
        for name, answer in in_page(files, clip, dist)[1].items():
            assert np.abs(answer - native[name][at]).max() < (
                1e-4 if "fp32" in name else 1e-2) and answer.argmax() == native[name][at].argmax()

def default_logits(path, clips=CLIPS):
    "What a session gives that does not ask for exact products, as in the programs of others"
    model = session(path, exact=False)
    return np.stack(
        [model.run(None, {model.get_inputs()[0].name: clip})[0].ravel() for clip in clips])

@pytest.mark.parametrize("scheme", [name for name in SCHEMES if name not in SIGNED])
def test_deployed_files_have_one_answer(slim, tmp_path, scheme):
    """Also where products of signed bytes saturate, a default session gives the answers of an exact
    one"""
    small = quantize(slim[1], tmp_path / "small.onnx", scheme, calibration=CLIPS[2:])
    assert signed_weights(onnx.load(small)) == []
    assert np.abs(default_logits(small) - logits(small, CLIPS)).max() < 1e-5

@pytest.mark.parametrize("scheme", SIGNED)
def test_any_file_can_be_made_exact(slim, tmp_path, scheme):
    "Unsigned weights change no integer: the answers of exact sessions are the same"
    small = quantize(slim[1], tmp_path / "small.onnx", scheme)
    assert signed_weights(onnx.load(small))
    before, after = changed(unsigned_weights, small, tmp_path)
    assert np.abs(before - after).max() < 1e-5
    assert np.abs(default_logits(tmp_path / "changed.onnx") - before).max() < 1e-5

@pytest.mark.parametrize("rows, columns", [(1, 1), (7, 3), (108, 324), (2048, 108)])
@pytest.mark.parametrize("reach", [64, 127])
def test_integers_are_exact(tmp_path, rows, columns, reach):
    """To the last bit: exact sessions for signed weights, any session for unsigned ones; the
    emulation shows the fault anywhere"""
    rng = np.random.default_rng([rows, columns, reach])
    codes = rng.integers(0, 256, (5, rows)).astype(np.uint8)
    codes[0] = 255
    signed = rng.integers(-reach, reach + 1, (rows, columns)).astype(np.int8)
    signed[:, 0] = reach
    truth = codes.astype(np.int64) @ signed.astype(np.int64)
    for weights, exact in [(signed, True),
                           ((signed.astype(np.int16) + 128).astype(np.uint8), False)]:
        onnx.save(product_file(weights), tmp_path / "product.onnx")
        answer = session(tmp_path / "product.onnx",
                         exact=exact).run(None, {"codes": codes.astype(np.float32)})[0]
        assert np.array_equal(answer, truth.astype(np.float32))
    assert np.array_equal(exact_product(codes, signed), truth)
    assert np.array_equal(saturating_product(codes, signed), truth) == (reach == 64 or rows == 1)

def test_saturation_is_seen_on_any_processor(slim, tmp_path):
    """With the emulated product the signed file is as far from the float file as a processor
    without VNNI makes it; the unsigned one is not"""
    few, apart = CLIPS[:5], {}
    for scheme in ("browser_int8", "browser_int8_signed"):
        small = quantize(slim[1], tmp_path / f"{scheme}.onnx", scheme)
        exact, saturating = (numpy_logits(small, few, product)
                             for product in (exact_product, saturating_product))
        apart[scheme] = np.abs(exact - saturating).max()
        assert np.abs(exact - logits(small, few)).max() < .1 * exact.std()
    assert apart["browser_int8"] == 0 < apart["browser_int8_signed"]
