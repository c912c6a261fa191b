# The chapters as a graph. `make reproduce PROFILE=quick` runs it; the same command resumes after a kill.
# A chapter hands on its result file and artefacts; the executed notebook is its log, so that of a failed one
# stays to be read. A chapter runs again when its notebook, a module it imports, or a parameter of it changes.
import json
import re
from pathlib import Path

if not config:
    configfile: "params/quick.yaml"

RUN, TABLE, MORE = config["run"], config["table"], config.get("more", [])
# chapters with a parameter `table`, and those that compare on further ones too
TABLES = {"05_training": dict(table=TABLE, more=MORE), "06_distillation": dict(table=TABLE, more=MORE), "07_quantization": dict(table=TABLE)}
CLIPS, STUDENT, TEACHER = "tables/clips.parquet", "checkpoints/student/model.safetensors", "checkpoints/teacher/model.safetensors"

# chapter: (what it needs of the run, what it makes there beside results/<chapter>.json)
GRAPH = {
    "01_landmarks": ([], []),
    "A_signer": ([], []),
    "B_rendering": ([], []),
    "C_readers": ([], []),
    "D_quality": ([], []),
    "E_catalogue": ([], []),
    "F_batches": ([], []),
    "G_evaluation": ([], []),
    "H_jobs": ([], []),
    "I_graphs": ([], []),
    "J_contenders": ([], []),
    "K_converter": ([], []),
    "L_codes": ([], []),
    "M_versions": ([], []),
    "N_limits": ([], []),
    "O_stopwatch": ([], []),
    "P_weight": ([], []),
    "Q_documents": ([], []),
    "R_portraits": ([], []),
    "S_keypoints": ([], []),
    "T_suspects": ([], []),
    "U_video": ([], []),
    "V_holistic": ([], []),
    "W_tasks": ([], []),
    "X_remedies": ([], []),
    "Y_comparisons": ([], []),
    "02_datasets": ([], [TABLE, *MORE]),
    "03_preprocessing": ([TABLE], [CLIPS]),
    "04_spoter": ([TABLE], []),
    "05_training": ([TABLE, *MORE], [TEACHER]),
    "06_distillation": ([TABLE, *MORE, TEACHER], [STUDENT]),
    "07_quantization": ([TABLE, STUDENT], []),
    "08_onnx": ([CLIPS, STUDENT, TEACHER], ["models/student_fp32.onnx", "models/student_int8.onnx"]),
    "09_wasm_benchmark": ([CLIPS, "models/student_fp32.onnx", "models/student_int8.onnx"], ["tables/web_predictions.parquet"]),
    "10_divergence": ([CLIPS, TABLE, *MORE, "models/student_fp32.onnx"], ["tables/web_landmarks.parquet"]),
}
SILENT = {"01_landmarks", *(name for name in GRAPH if name[1] == "_" and name[0] not in "AB")}  # they measure nothing
RESULTS = [f"{RUN}/results/{name}.json" for name in GRAPH if name not in SILENT]


def modules(source, seen=frozenset()):
    """The modules of slr_tiny that a notebook or a module imports, directly or through others."""
    text = Path(source).read_text()
    names = re.findall(r"from (?:slr_tiny)?\.(\w+) import", text)
    names += re.findall(r"\w+", " ".join(re.findall(r"from (?:slr_tiny|\.) import ([\w, ]+)", text)))
    files = {f"slr_tiny/{name}.py" for name in names} - seen
    return sorted(files.union(*(modules(file, seen | files) for file in files)))


def parameters(name):
    """What a chapter's notebook is told: the run, the tables where it reads some, and what the profile says."""
    if name in SILENT: return {}
    return {"run": RUN, **TABLES.get(name, {}), **config["chapters"].get(name, {})}


rule all:
    input: f"{RUN}/index.html", [f"{RUN}/executed/.{name}" for name in SILENT]


for name, (needs, makes) in {**GRAPH, "15_results": ([], ["index.html"])}.items():
    rule:
        name: f"chapter_{name}"
        input:
            notebook=f"nbs/{name}.ipynb",
            modules=modules(f"nbs/{name}.ipynb"),
            data=["data/landmarks.json", "data/keypoints.json", "data/lexicon.yaml", "data/signers.yaml"] if name != "15_results" else ["data/headline.yaml", "data/papers.yaml"],
            needs=[f"{RUN}/{needed}" for needed in needs] + (RESULTS if name == "15_results" else []),
            pages=["web_demo/dist/.ready"] if "slr_tiny/browser.py" in modules(f"nbs/{name}.ipynb") else [],
        output:
            [f"{RUN}/{made}" for made in makes],
            touch(f"{RUN}/executed/.{name}") if name in SILENT | {"15_results"} else f"{RUN}/results/{name}.json",
        log: notebook=f"{RUN}/executed/{name}.ipynb"
        params:
            yaml=json.dumps(parameters(name)),
        threads: workflow.cores
        priority: name == "02_datasets"  # what is missing on the disk is said before anything else runs
        shell: "echo 'Chapter {log.notebook}'; papermill {input.notebook} {log.notebook} --cwd nbs --log-level ERROR --progress-bar -y {params.yaml:q}"
