# Two commands matter: make play, make test. Everything lives in .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
endif
ROOMS := core live export train patches
SOURCES := $(foreach room,$(ROOMS),$(wildcard $(room)/*.py))
PLAY ?=

.PHONY: help play test check bench clean

help:  ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

play: $(VENV)/.play  ## install what playing needs, and play (options: make play PLAY="--tempo 100")
	$(BIN)/mvae-live $(PLAY)

test: $(VENV)/.test  ## install what testing needs, and run every test
	$(BIN)/python -m pytest $(TESTS)

check: $(VENV)/.test test  ## the tests, ruff and mypy --strict
	$(BIN)/ruff check .
	@mkdir -p build/types/mvae
	@for room in $(ROOMS); do ln -sfn ../../../$$room build/types/mvae/$$room; done
	MYPYPATH=build/types $(BIN)/python -m mypy --strict --namespace-packages --explicit-package-bases $(foreach room,$(ROOMS),-p mvae.$(room))

bench: $(VENV)/.play  ## measure the promises on this machine
	$(BIN)/mvae-live bench

clean:  ## remove what the others made
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(VENV)/.made:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "mvae needs Python 3.11 or newer; try: make $(MAKECMDGOALS) PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.play: $(VENV)/.made pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.test: $(VENV)/.made pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[train,export,link,test]'
	@touch $@ $(VENV)/.play
