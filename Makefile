# `make demo` and `make test` do everything, set-up included, on a machine with Python >= 3.11, its venv module, and make.
#
#   make demo      run the main job on data/sample and print where the page is
#   make test      run the tests
#   make lint      ruff and mypy
#   make lowest    the tests again, on the oldest versions that pyproject.toml allows
#   make wheel     build the wheel, install it elsewhere, run the demo in an empty folder
#   make clean     remove what these made
#
# Another Python, beside the first one:  make test PYTHON=python3.12 VENV=.venv-3.12

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help demo test lint lowest wheel clean

NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
VERSION := import sys; print("%d.%d" % sys.version_info[:2])
VENV ?= .venv
VENV_LOWEST ?= .venv-lowest
VENV_WHEEL ?= .venv-wheel
OUT ?= out/demo
# Test processes. Each may start a kernel: two keep two cores busy, more want more memory.
WORKERS ?= 2
# More for pytest, such as PYTEST_ARGS="tests/io -k mask".
PYTEST_ARGS ?=

ifdef PYTHON
# A folder made by one Python would silently stay with it.
SAME_PYTHON = held=$$($(1)/bin/python -c '$(VERSION)'); given=$$("$(PYTHON)" -c '$(VERSION)'); \
  [ "$$held" = "$$given" ] || { echo "$(1) holds Python $$held and '$(PYTHON)' is $$given." \
  "Give it a folder of its own: make $@ PYTHON=$(PYTHON) VENV=.venv-$$given" >&2; exit 1; }
else
SAME_PYTHON = :
# The first interpreter that is new enough; python3 before the others, so that an activated environment wins.
PYTHON := $(or $(shell for p in python3 python3.13 python3.12 python3.11 python3.14 python; do \
  "$$p" -c '$(NEW_ENOUGH)' 2>/dev/null && { echo "$$p"; break; }; done),python3)
endif

PIP = -m pip --disable-pip-version-check --quiet
# One file's tests stay in one process: they share what their fixtures computed.
PYTEST = -m pytest -n $(WORKERS) --dist loadfile $(PYTEST_ARGS)

help:
	@sed -n '1,/^$$/s/^# \{0,1\}//p' Makefile

# A stamp is written only when the step went well, so that an interrupted one is done again.
.PRECIOUS: %/.created
%/.created:
	@"$(PYTHON)" -c '' >/dev/null 2>&1 || { echo "No '$(PYTHON)' runs here, and htan_kit needs" \
	  "Python >= 3.11. Name one: make $(MAKECMDGOALS) PYTHON=/path/to/python3.12" >&2; exit 1; }
	@"$(PYTHON)" -c '$(NEW_ENOUGH)' || { echo "htan_kit needs Python >= 3.11 and '$(PYTHON)' is" \
	  "$$("$(PYTHON)" -V 2>&1). Name a newer one: make $(MAKECMDGOALS) PYTHON=/path/to/python3.12" >&2; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { echo "'$(PYTHON)' comes without venv." \
	  "On Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@"$(PYTHON)" -m venv "$*"
	@touch $@

%/.installed: %/.created pyproject.toml
	@echo "Installing htan_kit and what it needs into $* (some minutes the first time) ..."
	@$*/bin/python $(PIP) install -e .
	@touch $@

%/.installed-test: %/.created pyproject.toml
	@echo "Installing htan_kit and its test tools into $* (some minutes the first time) ..."
	@$*/bin/python $(PIP) install -e '.[test]'
	@touch $*/.installed $@

%/.installed-lint: %/.installed-test
	@$*/bin/python $(PIP) install -e '.[test,lint]'
	@touch $@

# pip has no notion of "lowest", uv has; it lives in this environment only. Emptied first: what is there would be kept.
%/.installed-lowest: %/.created pyproject.toml
	@echo "Installing htan_kit on the oldest versions allowed into $* ..."
	@"$(PYTHON)" -m venv --clear "$*"
	@$*/bin/python $(PIP) install uv
	@$*/bin/uv pip install --quiet --python $*/bin/python --resolution lowest-direct -e '.[test]'
	@touch $*/.created $@

demo: $(VENV)/.installed
	@$(call SAME_PYTHON,$(VENV))
	$(VENV)/bin/htan-kit demo --out "$(OUT)"
	@echo "The page: $(abspath $(OUT))/index.html"

test: $(VENV)/.installed-test
	@$(call SAME_PYTHON,$(VENV))
	$(VENV)/bin/python $(PYTEST)

lint: $(VENV)/.installed-lint
	@$(call SAME_PYTHON,$(VENV))
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/python -m mypy

lowest: $(VENV_LOWEST)/.installed-lowest
	@$(call SAME_PYTHON,$(VENV_LOWEST))
	$(VENV_LOWEST)/bin/python $(PYTEST)

# Nothing of the checkout is in reach of this package: it is not linked to, and the folder is another one.
wheel: $(VENV_WHEEL)/.created
	rm -rf dist out/wheel && mkdir -p out/wheel
	@$(VENV_WHEEL)/bin/python $(PIP) wheel --no-deps --wheel-dir dist .
	@$(VENV_WHEEL)/bin/python $(PIP) install dist/*.whl
	@$(VENV_WHEEL)/bin/python $(PIP) install --force-reinstall --no-deps dist/*.whl
	cd out/wheel && "$(abspath $(VENV_WHEEL))/bin/htan-kit" demo --out demo
	@echo "The page: $(abspath out/wheel/demo)/index.html"

clean:
	rm -rf .venv .venv-* out/demo out/wheel dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find src tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
