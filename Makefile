# The two commands: make demo, make test. Both need Python 3.11+ (venv, pip) and make; everything else is installed here.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
.DEFAULT_GOAL := help
.PHONY: help setup demo test lint bench locks system-packages clean

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/' | expand -t 20

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "cammon needs Python 3.11 or newer; name one with: make $(MAKECMDGOALS) PYTHON=/path/to/python3" >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: locks/run.txt setup.cfg pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r locks/run.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: locks/dev.txt $(VENV)/.run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r locks/dev.txt
	@touch $@

setup: $(VENV)/.run  ## the environment alone

demo: setup  ## virtual cameras with faults and the whole system on them, page on http://127.0.0.1:8000
	$(BIN)/cammon demo $(DEMO_ARGS)

test: $(VENV)/.dev  ## the whole test suite, on every core
	$(BIN)/python -m pytest -n logical --dist loadfile $(TEST_ARGS)

lint: $(VENV)/.dev  ## style, types and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	PYTHONPATH=.:coverage:probes:web $(BIN)/lint-imports

bench: $(VENV)/.dev  ## every benchmark, one table each (long)
	@set -e; for file in benchmarks/*.py; do echo "== $$file"; $(BIN)/python $$file; done

locks: $(VENV)/bin/python  ## resolve the dependencies anew (needs uv)
	uv pip compile setup.cfg locks/build.in --override locks/override.in --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet --upgrade -o locks/run.txt
	uv pip compile setup.cfg locks/build.in --override locks/override.in --extra dev -c locks/run.txt --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet --upgrade -o locks/dev.txt

system-packages:  ## the Debian packages that some tests use (root)
	apt-get update -qq
	DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $$(sed 's/#.*//' tests/debian-packages.txt) >/dev/null

clean:  ## remove what the targets above made
	rm -rf $(VENV) build dist *.egg-info
