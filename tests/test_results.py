"""What a run of profile quick left behind, where there is one: the promised keys, the promised
quality, and an image for every figure."""
import re

import pytest
from book_lint import lint
from conftest import ROOT
from slr_tiny.results import read_results

RUN = ROOT / "_run" / "quick"
KEYS = {     # keys that other tools read; those which need real recordings are not here
    "02_datasets": ["procedural_signs", "procedural_signers", "procedural_sequences"],
    "03_extraction": ["rendered_pose_detected", "rendered_hand_detected", "extract_fps_1_worker",
                      "extract_speedup_2_workers"],
    "04_spoter": ["minimal_pair_top1_without_position", "minimal_pair_top1_with_position"],
    "06_distillation": ["tiny_parameters", "student_parameters"],
    "07_quantization": ["size_ratio_full_fp32_to_best"],
    "08_onnx": ["parity_max_abs_torch_ort", "parity_max_abs_ort_web"],
    "09_wasm_benchmark": [*(f"ms_T{n}_{d}l_{who}" for n in (1, 70) for d in (6, 1)
                            for who in ("authors_fp32", "authors_int8", "ours_fp32", "ours_int8")),
                          *(f"ratio_T70_{d}l_{who}" for d in (6, 1)
                            for who in ("authors_int8", "ours_fp32", "ours_int8")),
                          "bytes_to_first_prediction_ort_student_int8",
                          "first_prediction_ms_ort_student_int8_50mbit", "ms_T70_student_int8"],
    "10_divergence": ["legacy_px720_mean", "legacy_hand_agreement"],
}
PROVENANCE = {"data", "content_hash", "split", "seeds", "samples", "git_commit", "package_versions",
              "cpu", "started", "seconds"}

@pytest.fixture(scope="module")
def results():
    if not (RUN / "executed" / ".15_results").exists():
        pytest.skip("profile quick has not run here; make reproduce")
    return read_results(RUN)

@pytest.fixture(scope="module")
def figures(results): return {topic: result["figures"] for topic, result in results.items()}

def test_committed_results_name_no_folder_of_a_machine():
    "Data is named by parameters and by names of files; where they lay on a disk tells nobody anything"
    folders = re.compile(r'"[^"]*(?:/(?:home|root|Users|mnt|tmp|work)/|[A-Z]:\\\\)[^"]*"')
    assert {str(path.relative_to(ROOT)): folders.findall(path.read_text("utf-8"))[:2]
            for path in sorted((ROOT / "data").glob("*/results/*.json"))
            if folders.search(path.read_text("utf-8"))} == {}

def test_keys(figures):
    assert [f"{topic}: {key}" for topic, keys in KEYS.items() for key in keys
            if key not in figures.get(topic, {})] == []

def test_provenance(results):
    assert {topic: sorted(PROVENANCE - result["provenance"].keys())
            for topic, result in results.items() if PROVENANCE - result["provenance"].keys()} == {}
    assert "browser" in results["09_wasm_benchmark"]["provenance"]

def test_default_is_good_enough(figures):
    "MediaPipe sees the procedural signer, who is neither trivial nor hopeless to recognise"
    assert (
        figures["02_datasets"]["procedural_signs"] >= 16
        and figures["02_datasets"]["procedural_signers"] >= 6
    )
    assert (
        figures["03_extraction"]["rendered_pose_detected"] >= 0.95
        and figures["03_extraction"]["rendered_hand_detected"] >= 0.6
    )
    student, chance = (figures["06_distillation"][f"{key}_top1"] for key in ("student", "chance"))
    assert 2 * chance < student < 1

def test_order_is_seen_with_positions_only(figures):
    "On pairs of signs that differ in their order alone"
    assert (
        0.4 < figures["04_spoter"]["minimal_pair_top1_without_position"] < 0.6
        and figures["04_spoter"]["minimal_pair_top1_with_position"] >= 0.95
    )

def test_runtimes_agree(figures):
    assert figures["08_onnx"]["parity_max_abs_torch_ort"] < 1e-4
    assert figures["09_wasm_benchmark"]["parity_max_abs_ort_web_student_fp32"] < 1e-4
    assert figures["09_wasm_benchmark"]["top1_equal_share_student_fp32"] == 1
    # int8: processors without VNNI round oddly in native code
    assert figures["09_wasm_benchmark"]["top1_equal_share"] > .9

def test_every_figure_has_a_image(results):
    found = [str(problem) for problem in lint(ROOT / "nbs", executed=RUN / "executed")
             if "executed" in problem.what or "image" in problem.what
             or "failed with" in problem.what]
    chapters = {path.stem for path in (RUN / "executed").glob("*.ipynb")}
    assert [line for line in found if line.split("/")[-1].split(".")[0] in chapters] == []
