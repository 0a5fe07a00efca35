.DEFAULT_GOAL := help
PYTHON ?= python3
WEB := .venv/web/bin/python
# Processes that share the tests of `make test`: `auto` is one for each core, 0 runs one test after another.
JOBS ?= auto

.PHONY: help environments wheelhouse sbom setup run check format fast test evaluate bench

help:
	@echo "make run       set up what is missing, then start the assistant"
	@echo "make test      everything: checks, unit, Rasa, end to end, the page"
	@echo "make fast      checks, and the tests that need no other process: a minute and a half at most"
	@echo "make setup     the two environments, the database, the sample city, a trained model"
	@echo "make check     ruff and mypy only"
	@echo "make format    ruff's format and what it can mend by itself"
	@echo "make wheelhouse  the packages of all environments as files, for a machine without internet"
	@echo "make sbom      a bill of materials of each environment (CycloneDX 1.6), in sbom/"
	@echo "make bench     ours beside stock Rasa with the same items: throughput, waiting, memory, right items"
	@echo "make evaluate  the fixed messages and conversations: figures, confusion, a stock pipeline beside ours"

environments:
	@$(PYTHON) -m bot.running.environments

wheelhouse:
	@$(PYTHON) -m bot.running.environments wheelhouse

sbom:
	@$(PYTHON) -m bot.running.sbom

setup: environments
	@$(WEB) -m bot prepare

run: environments
	@$(WEB) -m bot run

check: environments
	@$(WEB) -m ruff check . && $(WEB) -m ruff format --check . && $(WEB) -m mypy

format: environments
	@$(WEB) -m ruff check --fix . ; $(WEB) -m ruff format .

# Tests start many processes. Where the machine forbids Python to keep what it compiled, each would compile it all again.
fast test: export PYTHONDONTWRITEBYTECODE =

fast: check
	@$(WEB) -m pytest -m "not slow"

test: check
	@$(WEB) -m pytest -n $(JOBS) --dist loadscope --no-loadscope-reorder

evaluate: environments
	@$(WEB) -m bot.evaluation

bench: environments
	@$(WEB) -m benchmarks.bench
