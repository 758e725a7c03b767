# make run     start Tracer: installs, starts its own PostgreSQL, serves; Ctrl-C stops it
# make test    every check and test this machine can run
# make bench   the figures, each beside its yardstick
# make lock    choose the newest allowed versions of all packages again
# PORT, TRACER_DATA and the other TRACER_ settings are honoured; PYTHON=… names another Python.

.PHONY: run test bench lock installed installed-test
.DEFAULT_GOAL := run
MAKEFLAGS += --no-print-directory

PYTHONS := python3 python3.14 python3.13 python3.12 python3.11
PYTHON := $(or $(PYTHON),$(shell for each in $(PYTHONS); do \
	$$each -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$each && break; done))
BIN := .venv/bin
# Tests run side by side, each worker on a database of its own; many of them wait for a browser or a kill.
WORKERS ?= $(shell echo $$(($$(nproc 2>/dev/null || echo 1) + 1)))

run: installed
	@$(BIN)/tracer serve

test: installed-test
	@$(BIN)/ruff check --quiet .
	@$(BIN)/lint-imports --no-cache --no-logo >/dev/null || $(BIN)/lint-imports --no-cache --no-logo
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

bench: installed-test
	@$(BIN)/python -m benchmarks

installed installed-test:
	@test -n "$(PYTHON)" || { echo "tracer: Python 3.11 or newer is needed; get it with: \
	sudo apt-get install -y python3 python3-venv" >&2; exit 2; }
	@"$(PYTHON)" tools/install.py $(if $(findstring test,$@),test,run)

# Needs uv. The lock files name no registry: each machine's pip knows its own.
LOCK := uv pip compile --quiet --universal --fork-strategy fewest --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url --no-emit-find-links
lock:
	$(LOCK) --upgrade pyproject.toml -o requirements.lock
	$(LOCK) --upgrade pyproject.toml --extra test -c requirements.lock -o requirements-test.lock
