# Everything a developer or CI does. Needs Python 3.10 to 3.13, make and a C compiler; nothing else has to be installed.

PYTHON ?= python3
JOBS ?= 2
VENV := .venv
BIN := $(VENV)/bin
OUT := build
BENCH := $(OUT)/bench-venv
EXAMPLES := $(filter-out examples/README.md,$(wildcard examples/*.csv examples/*.xlsx examples/*.json examples/*.jsonl))

.DEFAULT_GOAL := help
.PHONY: help env demo test pytest lint format types conformance docs generate accept messy nightly smoke bench bench-quick bench-huge bench-docs lock clean

help: ## print these tasks
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo "  PYTHON=python3.12 chooses the interpreter of a new .venv, JOBS=4 the processes of the tests."

env: $(VENV)/.installed ## make .venv from requirements.lock, with the project in it

# The stamp is newer than what it was made from, so a second `make` installs nothing.
$(VENV)/.installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 10) <= sys.version_info < (3, 14))' \
		|| { echo "$(PYTHON) is not Python 3.10 to 3.13: make env PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

demo: env ## check the example inventories: a table here, a page in build/demo/report.html
	@mkdir -p $(OUT)/demo
# The examples hold violations, so 1 and 3 are what is expected of the check, and anything else is a failure.
	@$(BIN)/envrules check --quiet --format html --out $(OUT)/demo/report.html $(EXAMPLES); case $$? in 0|1|3) ;; *) exit 2;; esac
	@$(BIN)/envrules check $(EXAMPLES); case $$? in 0|1|3) ;; *) exit 2;; esac
	@test -s $(OUT)/demo/report.html
	@echo "The same as a page: $(OUT)/demo/report.html"

test: lint types pytest ## what CI runs: lint, types, every test

pytest: env
	$(BIN)/pytest -n $(JOBS) --dist loadgroup

lint: env ## formatting, ruff's rules, and which room may import which
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports --no-logo

format: env ## put the formatting right, and what ruff can mend by itself
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

types: env ## mypy in strict mode, then pyright
	$(BIN)/mypy
	$(BIN)/pyright

conformance: env ## the meaning of the rule language, as data, on every engine
	@test -d tests/conformance || { echo "there are no conformance cases yet"; exit 1; }
	$(BIN)/pytest -n $(JOBS) --dist loadgroup tests/conformance

docs: env ## the examples in docstrings, and a page for every error
	$(BIN)/pytest -n $(JOBS) --dist loadgroup src tests/unit/test_error_pages.py

generate: env ## write again what is made from the source: the schema of rule files, the pages of rules and record types
	$(BIN)/envrules schema --out docs/rule.schema.json
	$(BIN)/envrules pages --out docs

accept: env ## take the reports as they are now for the golden ones; look at the diff
	ACCEPT=1 $(BIN)/pytest -q tests/golden tests/unit tests/conformance

messy: env ## how the messy files are read: what share of columns and cells is right, wrong, asked about
	PYTHONPATH=tests $(BIN)/python -m messy

nightly: env ## more random cases, and the tests that take minutes
	$(BIN)/pytest -n $(JOBS) --dist loadgroup --hypothesis-profile=nightly -m "nightly or not nightly"

smoke: ## build and install the wheel under every other Python that is here
	bash .ci/smoke.sh

bench: $(BENCH)/.installed ## how fast it is, beside rules by hand and other engines; takes an hour
	$(BENCH)/bin/python -m benchmarks
	$(BENCH)/bin/python benchmarks/screening.py
	$(BENCH)/bin/python benchmarks/tracker.py

bench-quick: $(BENCH)/.installed ## a small form of it, which takes minutes
	$(BENCH)/bin/python -m benchmarks --quick

bench-huge: $(BENCH)/.installed ## 100 million records from parquet, under 1 GiB of memory
	$(BENCH)/bin/python -m benchmarks huge

bench-docs: $(BENCH)/.installed ## put the figures of the last runs into docs/performance.md
	$(BENCH)/bin/python -m benchmarks.document

# The releases of requirements.lock, then the rivals; a rival that needs an older one of a library gets it here alone.
$(BENCH)/.installed: requirements.lock pyproject.toml
	$(PYTHON) -m venv --clear $(BENCH)
	$(BENCH)/bin/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	$(BENCH)/bin/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BENCH)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	$(BENCH)/bin/python -m pip install --quiet --disable-pip-version-check --group bench
	@touch $@

lock: ## write requirements.lock anew, from the newest releases
	$(PYTHON) -m venv $(OUT)/lock
	$(OUT)/lock/bin/python -m pip install --quiet uv
	$(OUT)/lock/bin/uv pip compile --quiet --no-config --upgrade --universal --python-version 3.10 \
		--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
		--extra excel --extra arrow --extra duckdb --extra notebook --group dev -o requirements.lock pyproject.toml

clean: ## remove what was built
	rm -rf $(VENV) $(OUT) dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +
