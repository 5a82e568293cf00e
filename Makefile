# Every target sets up by itself; when nothing changed that takes a fraction of a second.
SHELL := /bin/sh
BIN := .venv/bin
SETUP := bash tools/setup.sh

# Kernels and report workers start much faster from compiled files.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup setup-browser report test soak bench serve notebooks clean

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1	\2/p' Makefile

setup: ## environment from uv.lock, browser and Chinese font
	@$(SETUP)

setup-browser:
	@$(SETUP) --need-browser

report: setup ## the sample client's report; prints where the PDF is
	@$(BIN)/kolkit report reports/briefs/nordlys.yaml

test: setup-browser ## lint, types and all tests but the long ones
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy -p kolkit
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "not soak" tests kolkit

soak: setup-browser ## the long runs
	$(BIN)/python -m pytest -m soak

bench: setup-browser ## measured promises, as ratios
	$(BIN)/python tests/benchmarks/bench.py

serve: setup ## the dashboards, in the browser
	@$(BIN)/kolkit serve

notebooks: setup ## parameters cells and .ipynb files from the .py sources
	$(BIN)/python tools/make_notebooks.py

clean: ## remove what make can make again; rendered reports stay
	rm -rf .venv .tools .bench dist .pytest_cache .ruff_cache .mypy_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
