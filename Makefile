# `make` alone says what it can do. The two commands that matter: `make reproduce` and `make test`.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PROFILE ?= quick#       which params/<profile>.yaml to reproduce
MINUTES ?=#              after which chapters 5 and 6 begin no further training; the same command goes on another day
CORES ?= $(shell nproc 2>/dev/null || echo 2)
TORCH_INDEX ?=#          a package index for torch, such as PyTorch's own index of CPU builds
# what a user says reaches our programs through the environment, so that no shell reads it as a command
export PROFILE MINUTES CORES RUN TORCH_INDEX
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
export PYTHONWARNINGS ?= ignore
export JUPYTER_PLATFORM_DIRS := 1
unexport MPLBACKEND
# MediaPipe and ONNX Runtime write their own start-up notes to the terminal; these switch them off
export GLOG_minloglevel := 2
export TF_CPP_MIN_LOG_LEVEL := 3
# waiting threads sleep instead of spinning: on a busy machine this is several times faster
export OMP_WAIT_POLICY := PASSIVE
export GOMP_SPINCOUNT := 0
# installs a Debian or Ubuntu package as root, or says what to type
APT = install_packages() { \
	if [ "$$(id -u)" = 0 ]; then sudo=; elif sudo -n true 2>/dev/null; then sudo=sudo; else echo "Please type: sudo apt-get install -y $$*" >&2; return 1; fi; \
	command -v apt-get >/dev/null || { echo "Please install: $$*" >&2; return 1; }; \
	echo "Installing with apt-get: $$*"; $$sudo apt-get update -qq && $$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $$* >/dev/null; }

.PHONY: help setup web chromium runtime reproduce demo bench mcu test test-long test-all test-browser versions export wheel docs quarto keep-results lock lab clean

help: ## what `make` can do
	@echo "slr_tiny: sign language recognition small enough for a browser tab"; echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' Makefile
	@echo; echo "Profiles: $(basename $(notdir $(wildcard params/*.yaml)))   (make reproduce PROFILE=...)"

setup: $(BIN)/.ready web chromium _run/engine/.ready ## virtual environment, npm packages, Chromium, converted networks: whatever is missing

$(BIN)/.ready: requirements.lock settings.ini setup.py pyproject.toml
	@python=; for p in $${PYTHON:-} python3.11 python3.12 python3 python; do \
		if $$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 13))' 2>/dev/null; then python=$$p; break; fi; done; \
	[ -n "$$python" ] || { echo "slr_tiny needs Python 3.11 or 3.12; install one, or name it: make setup PYTHON=/path/to/python3.11" >&2; exit 1; }; \
	echo "Setting up .venv with $$($$python --version) (a few minutes, about 3 GB)"; \
	$(APT); $$python -m venv .venv 2>/dev/null || { install_packages python3-venv; $$python -m venv .venv; }; \
	mkdir -p _run; $(BIN)/python -m pip install -q --disable-pip-version-check --root-user-action ignore --no-warn-script-location \
		$${TORCH_INDEX:+--extra-index-url "$$TORCH_INDEX"} -c requirements.lock -e '.[dev]' >_run/pip.log 2>&1 \
		|| { cat _run/pip.log >&2; echo "pip could not install what slr_tiny needs; its messages are above and in _run/pip.log." >&2; exit 1; }; \
	$(BIN)/python -c 'import cv2' 2>/dev/null || install_packages libgl1 libglib2.0-0; \
	$(BIN)/python -c 'import cv2, mediapipe, torch'; touch $@

web: web_demo/dist/.ready ## the web pages, built into web_demo/dist

web_demo/dist/.ready: web_demo/package-lock.json $(wildcard web_demo/*.html web_demo/*.ts web_demo/*.json web_demo/src/* web_demo/src/*/* web_demo/src/*/*/* web_demo/public/*) data/landmarks.json data/keypoints.json $(wildcard slr_tiny/csrc/dist/*.wasm)
	@node -e 'process.exit(Number(process.versions.node.localeCompare("20.19", undefined, {numeric: true}) < 0))' 2>/dev/null || { echo "slr_tiny needs Node 20.19 or newer; install it from your distribution or nodejs.org" >&2; exit 1; }
	@echo "Installing npm packages from web_demo/package-lock.json and building the web pages"
	@cd web_demo && npm ci --loglevel error --no-audit --no-fund && npm run --silent build -- --logLevel warn && touch dist/.ready

_run/engine/.ready: $(BIN)/.ready web_demo/dist/.ready
	@echo "Converting the networks of the keypoint engine from the installed packages"
	@$(BIN)/python -c 'from slr_tiny.pose.light_networks import served_networks; served_networks()' 2>/dev/null && touch $@

chromium: $(BIN)/.ready
	@find='from slr_tiny.web.browser import find_chromium; print("Chromium:", find_chromium())'; \
	$(BIN)/python -c "$$find" 2>/dev/null || { echo "No Chromium or Chrome found; installing one"; $(APT); \
		(. /etc/os-release 2>/dev/null; [ "$${ID:-}" = debian ] && install_packages chromium) || playwright install --with-deps chromium || playwright install chromium; \
		$(BIN)/python -c "$$find"; }

runtime: ## compile our own runtime for the browser into slr_tiny/csrc/dist (needs clang-19 and lld-19; the compiled files are kept)
	@sh slr_tiny/csrc/build.sh && ls -l slr_tiny/csrc/dist

# exec: the pipeline is then a child of make itself, and ends when make is killed
reproduce: setup ## run the whole pipeline (PROFILE=quick); the same command resumes
	@exec python -m slr_tiny.pipeline reproduce

demo: setup ## the web page with the models of a run (RUN=_run/quick), until Ctrl-C
	@slr-tiny demo "$${RUN:-_run/$$PROFILE}"

bench: setup ## measure chapter 9 again: what has become slower since data/PROFILE/results? (not a part of test)
	@[ -f "data/$$PROFILE/results/09_wasm_benchmark.json" ] || { echo "No result of chapter 9 is kept for PROFILE=$$PROFILE; measure one with make reproduce and keep it with make keep-results." >&2; exit 1; }
	@rm -f "_run/$$PROFILE"/tables/wasm_*.parquet "_run/$$PROFILE/results/09_wasm_benchmark.json"
	@exec python -m slr_tiny.pipeline only 09_wasm_benchmark
	@python -c 'import os, sys; from slr_tiny.results import read_result; from slr_tiny.web.benchmark import bench_report; name = os.environ["PROFILE"]; text, fine = bench_report(*(read_result(f"{place}/{name}", "09_wasm_benchmark") for place in ("data", "_run"))); print(text); sys.exit(not fine)'

mcu: setup ## cross compiler and emulator for a microcontroller (apt), and chapter 13 with them (PROFILE=quick)
	@$(APT); { command -v arm-none-eabi-gcc && command -v qemu-system-arm; } >/dev/null || install_packages gcc-arm-none-eabi libnewlib-arm-none-eabi qemu-system-arm
	@rm -f "_run/$$PROFILE/results/13_microcontroller.json"
	@exec python -m slr_tiny.pipeline only 13_microcontroller

test: setup ## tests: sections of the book, package, browser
	@exec python -m slr_tiny.pipeline test

test-long: setup ## the tests that take longer: chapters, installing, killing and going on
	@exec python -m slr_tiny.pipeline test-long

test-all: setup ## both, with every variant of what they try in a few
	@exec python -m slr_tiny.pipeline test-all

test-browser: setup ## the demo page in Chromium, at length
	@exec python -m pytest -q tests/test_page*.py

versions: setup ## older runtimes beside today's, for the matrix in nbs/09f_compatibility.ipynb
	@$(BIN)/python -m pip install -q --disable-pip-version-check --root-user-action ignore --no-deps --upgrade --target _run/versions/native onnxruntime==1.20.1
	@npm install --prefix _run/versions/web --loglevel error --no-audit --no-fund --ignore-scripts onnxruntime-web@1.20.1

export: $(BIN)/.ready ## notebooks to slr_tiny/*.py, cleaned
	@nbdev-clean && nbdev-export

wheel: setup ## the package for pip, with the built pages inside, in dist/
	@$(BIN)/python -m build --no-isolation --outdir dist . >_run/wheel.log 2>&1 || { cat _run/wheel.log >&2; exit 1; }
	@ls -sh dist/*.whl

keep-results: ## copy the result files of a run into data/PROFILE and refresh the tables in README.md and index.qmd
	@[ ! -f "_run/$$PROFILE/results/09_wasm_benchmark.json" ] || python -c 'import os, sys; from slr_tiny.results import read_result; from slr_tiny.web.benchmark import fit_to_keep; sys.exit(fit_to_keep(read_result("_run/" + os.environ["PROFILE"], "09_wasm_benchmark")))'
	@mkdir -p "data/$$PROFILE/results" && cp "_run/$$PROFILE"/results/*.json "data/$$PROFILE/results/"
	@[ "$$PROFILE" != quick ] || cp _run/quick/overview.png data/overview.png
	@[ "$$PROFILE" = quick ] || python -c 'import os; from slr_tiny.core import pack; name = os.environ["PROFILE"]; pack(f"_run/{name}/checkpoints/grid", "*/*/*/scores.json", f"data/{name}/trainings.tar.xz")'
	@slr-tiny results --update README.md nbs/index.qmd
	@[ "$$PROFILE" != real ] || python -m slr_tiny.pipeline.book image

docs: quarto setup ## the book, in _run/docs, from the notebooks of a run (PROFILE=quick); executes what is missing (needs Quarto)
	@exec python -m slr_tiny.pipeline.book docs

quarto:
	@command -v quarto >/dev/null || { echo "The book needs Quarto, which is not installed; see https://quarto.org/docs/get-started and run make docs again." >&2; exit 1; }

lock: ## freeze the versions of .venv into requirements.lock (lines for another Python stay)
	@{ sed -n 1p requirements.lock; { $(BIN)/pip freeze --all --exclude-editable | grep -v "^pip==" | sed 's/+cpu$$//'; grep '# Python' requirements.lock; } | sort -f -u; } > requirements.tmp && mv requirements.tmp requirements.lock

lab: setup ## open the notebooks
	@jupyter lab nbs

clean: ## remove runs and builds (not .venv)
	@rm -rf _run web_demo/dist build dist *.egg-info .snakemake
