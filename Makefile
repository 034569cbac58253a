# Vliegwiel. `make` shows what there is.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: help up demo test screenshots bench check format clean

help:  ## Show this
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' Makefile

up: $(READY)  ## Start everything on this machine; Ctrl-C stops it
	@exec $(BIN)/lrs up

demo: $(READY)  ## The same with a demo organisation, in a data folder of its own
	@LRS_DATA="$${LRS_DATA:-data-demo}" exec $(BIN)/lrs up --demo

test: $(READY)  ## Run the tests, against real servers they start themselves
	@$(BIN)/python -m pytest -n auto --dist loadscope --no-loadscope-reorder

screenshots: $(READY)  ## Take pictures of the dashboard for the documentation; needs Chromium
	@$(BIN)/python -m tests.browser.screenshots

bench: $(READY)  ## Measure how fast it is on this machine
	@$(BIN)/python -m tests.bench

check: $(READY)  ## Check style, types and which part may import which
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY)  ## Format the code
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

clean:  ## Remove the environment; data stay
	rm -rf .venv .tools

$(READY): uv.lock pyproject.toml deploy/bootstrap.py
	@echo "Making the environment in .venv" && $(PYTHON) deploy/bootstrap.py && touch $(READY)
