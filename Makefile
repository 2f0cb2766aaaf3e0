# Two commands do everything on a fresh machine with Python >= 3.11 and make:
#   make lab     JupyterLab on the first lesson
#   make test    everything a user runs, in at most ten minutes
PYTHON ?= python3
LOCK   := requirements/lessons.lock
BIN    := .venv/bin
ORACLES := build/oracles
READY  := .venv/ready-$(shell cksum $(LOCK) pyproject.toml 2>/dev/null | cksum | cut -d' ' -f1)

export TF_CPP_MIN_LOG_LEVEL ?= 2

.DEFAULT_GOAL := help
.PHONY: benchmark benchmark-carbon benchmark-lm benchmark-seeds mutants help setup lab lint check test test-full test-rest screenshots pictures oracles lock clean

help:                ## list the commands
	@grep -E '^[a-z-]+: .*## ' Makefile | sed -E 's/^([a-z-]+): [^#]*## /  make \1\t/' | expand -t 24

setup: $(READY)      ## the virtual environment, from the hashed lock

# The stamp's name holds the checksum of what it was made from, so a changed lock sets up anew and nothing else does.
# `uv pip sync` removes what the lock does not name, but leaves pip and uv themselves.
$(READY):
	@command -v $(PYTHON) >/dev/null || { echo "make: $(PYTHON) is not on this machine. Name a Python, for example: make lab PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; ok = (3, 11) <= sys.version_info < (3, 14); sys.exit(None if ok else "make: Python 3.11, 3.12 or 3.13 is needed; this is " + sys.version.split()[0] + ". Name another one, for example: make lab PYTHON=python3.12")'
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { echo "make: this Python cannot make virtual environments. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv --clear .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@echo "Installing the locked packages into .venv (about 2.5 GB, some minutes the first time) ..."
	@$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes $(LOCK)
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	@mkdir -p .venv/share/jupyter/lab/settings
	@echo '{"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": false}}' > .venv/share/jupyter/lab/settings/overrides.json
	@rm -f .venv/ready-*
	@touch $@

lab: setup           ## JupyterLab on lesson 00
	@$(BIN)/greenlm lab

lint: setup          ## style of code and notebooks, types, no outputs left in notebooks
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@find notebooks -name '*.ipynb' -not -path '*/.ipynb_checkpoints/*' -exec $(BIN)/nbstripout --keep-id --verify {} +

check: lint          ## lint and units (at most 2 minutes)
	@$(BIN)/pytest -m "not notebook and not browser and not process and not oracle and not slow"

test: lint           ## what every user runs (at most 10 minutes)
	@$(BIN)/pytest -m "not slow and not oracle"

test-full: lint      ## every notebook at full length, every browser test, the oracles where `make oracles` made them
	@$(BIN)/pytest

test-rest: lint      ## of test-full what `make test` leaves out
	@$(BIN)/pytest -m "slow or oracle"

screenshots: setup   ## the lessons in a real browser, as pictures in build/screenshots
	@$(BIN)/pytest -m browser tests/browser

pictures: setup      ## the pictures in README, taken in a real browser (some minutes)
	@$(BIN)/python -m tests.browser.readme_pictures

oracles: setup       ## PyTorch, JAX and transformers for the tests that compare with them (1.6 GB, a minute)
	@test -x $(ORACLES)/bin/python || $(BIN)/python -m venv --clear $(ORACLES)
	@# What the lessons' environment has is used from there, so only what it lacks is installed.
	@$(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))' > "$$($(ORACLES)/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/lessons.pth"
	@$(ORACLES)/bin/python -m pip install --quiet --disable-pip-version-check --requirement requirements/oracles.txt

mutants: setup       ## how many small changes to the exercises' solutions their checks reject, with the survivors
	@$(BIN)/python -m tests.checks.mutants

benchmark: setup     ## how right the meter is and what it costs, and what the panel costs
	@$(BIN)/python benchmarks/meter.py
	@$(BIN)/python benchmarks/panel.py

benchmark-lm: oracles ## training and generation beside PyTorch, joules to a loss (15 minutes, with nothing else running)
	@$(BIN)/python benchmarks/training.py
	@$(BIN)/python benchmarks/generation.py
	@$(BIN)/python benchmarks/toy_language.py

benchmark-seeds: setup ## the figures of lessons 07 to 11, each run with three seeds (20 minutes)
	@$(BIN)/python benchmarks/lessons.py

benchmark-carbon: setup ## published trainings recomputed and predicted; a sweep and two workers, metered (8 minutes)
	@$(BIN)/python benchmarks/footprints.py
	@$(BIN)/python benchmarks/sweep.py
	@$(BIN)/python benchmarks/two_workers.py

lock: setup          ## renew the hashed lock, and the environment files from it
	@$(BIN)/uv pip compile --universal --upgrade --generate-hashes --no-header --python-version 3.11 \
	    --extra lessons --extra dev pyproject.toml --output-file $(LOCK) --quiet
	@$(BIN)/python binder/write_environment.py

clean:               ## remove what was built here, the virtual environment too
	rm -rf .venv build dist *.egg-info
