# `make run` and `make test` do all the set-up on a fresh machine with Python 3.11+ and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help setup run test chaos check format lock clean

help: ## Show this help
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(VENV)/run.stamp ## Build .venv with what running needs

run: $(VENV)/run.stamp ## Start everything on embedded PostgreSQL and Valkey, play a demonstration, run until Ctrl-C
	@$(BIN)/carelane up

test: $(VENV)/dev.stamp check ## Run every test (includes check)
	$(BIN)/pytest

chaos: $(VENV)/dev.stamp ## Cause every fault of docs/fault-matrix.md for real (long); the table goes to build/fault-matrix.md
	HISTORIES=20000 $(BIN)/pytest -p no:randomly -m "" --chaos-table build/fault-matrix.md tests/chaos \
		tests/unit/rules/test_any_order.py tests/integration/workers/test_any_order.py \
		$$($(BIN)/python -m tests.chaos.elsewhere)

check: $(VENV)/dev.stamp ## Lint, types, import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

format: $(VENV)/dev.stamp ## Format the code and mend what the linter can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: $(VENV)/dev.stamp ## Pin the newest versions that pyproject.toml allows, with hashes and without hosts
	$(BIN)/uv pip compile -q --universal --generate-hashes --python-version 3.11 --no-header --no-annotate --upgrade \
		pyproject.toml requirements/build.in --extra embedded --extra test --extra dev -o requirements/dev.txt
	$(BIN)/uv pip compile -q --universal --generate-hashes --python-version 3.11 --no-header --no-annotate \
		pyproject.toml requirements/build.in --extra embedded -c requirements/dev.txt -o requirements/run.txt
	$(BIN)/uv pip compile -q --universal --generate-hashes --python-version 3.11 --no-header --no-annotate \
		pyproject.toml requirements/build.in -c requirements/dev.txt -o requirements/production.txt

clean: ## Remove .venv and caches; data in .carelane stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache *.egg-info

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Carelane needs Python 3.11 or newer; name one with: make PYTHON=/path/to/python3 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
		{ rm -rf $(VENV); echo "This Python cannot make a virtual environment (Debian: install python3-venv)."; exit 1; }

# The project's own wheel is built by the pinned setuptools in the environment, not by a fresh download.
$(VENV)/%.stamp: requirements/%.txt pyproject.toml | $(BIN)/python
	@echo "Installing what requirements/$*.txt pins (once; about half a minute) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/$*.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@
