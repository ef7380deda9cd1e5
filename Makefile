# Two commands for everybody: make demo, make test. They need Python 3.11, git and make, nothing else.
PYTHON ?= python3
UV_VERSION = 0.13.9
VENV = .venv
RUN = $(VENV)/bin
UV = $(RUN)/uv
INSTALL = UV_COMPILE_BYTECODE=1 $(UV) pip install --quiet --python $(RUN)/python -c requirements.lock
OUT ?= out/demo
export ROLLCALL_OUT = $(OUT)

.PHONY: demo test lint types bench soak check lock clean help

help:  ## What can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

$(VENV)/.base: pyproject.toml requirements.lock
	@test -x $(RUN)/python || $(PYTHON) -m venv $(VENV)
	@test -x $(UV) || $(RUN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@echo "Installing Rollcall into $(VENV) (once)"
	@$(INSTALL) -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.base
	@echo "Installing Airflow, Spark and the test tools into $(VENV) (once)"
	@$(INSTALL) -e '.[airflow,spark,console,pdf]' --group dev
	@touch $@

demo: $(VENV)/.base  ## Three nights on the bundled samples; ends by printing where the report is
	@$(RUN)/rollcall demo --out $(OUT)

test: $(VENV)/.dev  ## All tests but the slow ones
	@$(RUN)/python -m pytest -n 2 --dist loadfile

lint: $(VENV)/.dev  ## ruff and mypy --strict on all of it
	@$(RUN)/ruff check .
	@$(RUN)/ruff format --check .
	@$(RUN)/mypy

bench: $(VENV)/.dev  ## One benchmark: make bench NAME=night; ends with one line of JSON
	@$(RUN)/python -m benchmarks.$(NAME) $(ARGS)

soak: $(VENV)/.dev  ## The slow tests
	@$(RUN)/python -m pytest -m slow

check: lint test

lock: $(VENV)/.base  ## Resolve again and export requirements.lock
	@$(UV) lock --quiet && $(UV) export --quiet --all-extras --all-groups --no-emit-project --no-header -o requirements.lock; rm -f uv.lock

clean:
	rm -rf $(VENV) out .pytest_cache .mypy_cache .ruff_cache
