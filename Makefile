# Two commands do everything on a fresh machine: `make run` opens the app, `make test` checks and tests it all.
# Each sets up what it needs first: packages of the system by `.ci/system`, packages of Python in .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: run test lint setup clean

run: setup
	@$(BIN)/python -m hdr app

test: export NEED := test
test: setup lint
	HDR_REQUIRE_DISPLAY=1 $(BIN)/python -m pytest -n 2 --dist loadgroup

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

setup:
	@sh .ci/system $(PYTHON) $${NEED:-run}
	@$(MAKE) --no-print-directory --silent $(VENV)/installed

# The environment is made again, from nothing, when the requirements change; the mark is written only when all is there.
$(VENV)/installed: requirements.txt pyproject.toml
	@cmp -s requirements.txt $(VENV)/requirements.txt || { \
	  echo "Setting up $(VENV) (a few minutes, once) ..."; \
	  rm -rf $(VENV) && $(PYTHON) -m venv $(VENV) && \
	  $(BIN)/python -m pip install --quiet -r requirements.txt && \
	  cp requirements.txt $(VENV)/requirements.txt; }
	@$(BIN)/python -m pip install --quiet --no-deps --editable .
	@touch $@

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist
