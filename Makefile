# `make run` and `make test` do all the set-up on a fresh machine with Python 3.11+ and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help setup run test cover chaos drill bench bench-smoke check catalogues screenshots format lock clean

help: ## Show this help
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(VENV)/run.stamp ## Build .venv with what running needs

run: $(VENV)/run.stamp ## Start everything on embedded PostgreSQL and Valkey, play a demonstration, run until Ctrl-C
	@$(BIN)/carelane up

# Of those that start all of Carelane, or take it apart, a file shares one: two run side by side.
test: $(VENV)/dev.stamp check cover ## Run every test (includes check and cover)
	$(BIN)/pytest --numprocesses 2 --dist worksteal tests/unit tests/integration tests/browser
	$(BIN)/pytest --numprocesses 2 --dist loadfile tests/acceptance tests/chaos

# Without the long properties, which tell every order of thousands of histories and reach no branch that these do not.
cover: $(VENV)/dev.stamp ## Show that the tests of rules and schemas reach every branch of them
	$(BIN)/pytest -q --no-header --numprocesses 2 --cov=shared.rules --cov=schemas --cov-branch --cov-fail-under=100 \
		--cov-report=term-missing:skip-covered tests/unit/rules tests/unit/schemas \
		--ignore-glob='*_any_order.py' --ignore=tests/unit/rules/test_owed_payout_orders.py \
		-k "not follows_from_the_histories and not repetition and not terminal and not twin_of_an_event and not order_is_found \
			and not going_on_from and not starts_where_the_life"

chaos: $(VENV)/dev.stamp ## Cause every fault of docs/fault-matrix.md for real (long); the table goes to build/fault-matrix.md
	HISTORIES=20000 $(BIN)/pytest -p no:randomly -m "" --chaos-table build/fault-matrix.md tests/chaos \
		tests/unit/rules/test_any_order.py tests/unit/rules/test_telling.py tests/integration/workers/test_any_order.py \
		tests/integration/stream/test_trouble.py $$($(BIN)/python -m tests.chaos.elsewhere)

drill: $(VENV)/dev.stamp ## Destroy the database under load and bring it back; what was measured goes to build/drill.md
	$(BIN)/pytest -p no:randomly -m "" tests/chaos/test_drill.py
	@cat build/drill.md

bench: $(VENV)/bench.stamp build/bench/peers.stamp ## Measure all of docs/performance.md, Carelane beside its references (long)
	@$(MAKE) --no-print-directory VENV=build/bench/run-venv setup # in which the start is measured
	$(BIN)/python -m bench

bench-smoke: $(VENV)/bench.stamp ## Measure shortly; fail when a ratio fell far below bench/recorded.json
	$(BIN)/python -m bench.smoke

check: $(VENV)/dev.stamp ## Lint, types, import rules, and new migrations for what would hold traffic up
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/squawk --config shared/sql/squawk.toml $(filter-out shared/sql/migrations/000%,$(wildcard shared/sql/migrations/*.sql))

screenshots: $(VENV)/dev.stamp ## Take the pictures in docs/screenshots anew (needs Chromium)
	$(BIN)/python -m tests.browser.screenshots docs/screenshots

catalogues: $(VENV)/dev.stamp ## Bring every catalogue of a person's page up to date, for its translator
	$(BIN)/python -m ingress.account.gathering

format: $(VENV)/dev.stamp ## Format the code and mend what the linter can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: $(VENV)/dev.stamp ## Pin the newest versions that pyproject.toml allows, with hashes and without hosts
	$(BIN)/uv pip compile -q --universal --generate-hashes --python-version 3.11 --no-header --no-annotate --upgrade \
		pyproject.toml requirements/build.in --extra embedded --extra test --extra dev --extra otel -o requirements/dev.txt
	$(BIN)/uv pip compile -q --universal --generate-hashes --python-version 3.11 --no-header --no-annotate \
		pyproject.toml requirements/build.in --extra embedded -c requirements/dev.txt -o requirements/run.txt
	$(BIN)/uv pip compile -q --universal --generate-hashes --python-version 3.11 --no-header --no-annotate \
		pyproject.toml requirements/build.in -c requirements/dev.txt -o requirements/production.txt
	$(BIN)/uv pip compile -q --universal --generate-hashes --python-version 3.11 --no-header --no-annotate \
		pyproject.toml requirements/build.in --extra embedded --extra test --extra dev --extra otel --extra bench \
		-c requirements/dev.txt -o requirements/bench.txt
	$(BIN)/uv pip compile -q --universal --generate-hashes --python-version 3.11 --no-header --no-annotate --upgrade \
		requirements/peers.in -o requirements/peers.txt

clean: ## Remove .venv and caches; data in .carelane stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache *.egg-info

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Carelane needs Python 3.11 or newer; name one with: make PYTHON=/path/to/python3 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
		{ rm -rf $(VENV); echo "This Python cannot make a virtual environment (Debian: install python3-venv)."; exit 1; }

# dj-stripe's own environment, and what npm brings; the bench says what it leaves out where npm is not here. Not
# `npm ci`: it wants the lock to name what other systems than the one it was made on would install.
build/bench/peers.stamp: requirements/peers.txt $(wildcard bench/peers/*/package-lock.json)
	@$(PYTHON) -m venv build/bench/peers-venv
	@build/bench/peers-venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/peers.txt
	@for lock in $(wildcard bench/peers/*/package-lock.json); do if command -v npm >/dev/null; then \
		npm install --no-save --ignore-scripts --loglevel error --prefix $$(dirname $$lock) >/dev/null || exit 1; fi; done
	@touch $@

# The project's own wheel is built by the pinned setuptools in the environment, not by a fresh download.
$(VENV)/%.stamp: requirements/%.txt pyproject.toml | $(BIN)/python
	@echo "Installing what requirements/$*.txt pins (once; about half a minute) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/$*.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@
