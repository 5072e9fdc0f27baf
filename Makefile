PYTHON ?= python3
BIN := .venv/bin

.PHONY: help setup run test check bench soak torture

help:  ## Show what can be made
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

setup: .venv/.installed  ## Make .venv from the locked dependencies

.venv/.installed: requirements.lock
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements.lock
	@touch $@

run: setup  ## Run the demo: a day of mixed orders on the bundled plant
	$(BIN)/python run_agents.py demo

test: setup  ## Every test
	$(BIN)/python -m pytest -n 2 --dist worksteal

check: setup  ## Format, lint, types, import contracts, then every test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(MAKE) test

ifeq (bench,$(firstword $(MAKECMDGOALS)))
NAME ?= $(wordlist 2,9,$(MAKECMDGOALS))
$(eval $(wordlist 2,9,$(MAKECMDGOALS)):;@:)
else
soak: setup  ## What takes hours: every kill test and outage at full length, and memory over an hour's orders
	SOCIETY_TESTS=long $(BIN)/python -m pytest tests/agents/runtime/test_kills.py tests/agents/service/test_survival.py \
		tests/agents/service/test_faults.py
	SOCIETY_TESTS=long $(BIN)/python -m tests.bench soak
endif

bench: setup  ## The benchmarks, or one of them: make bench orders
	$(BIN)/python -m tests.bench $(NAME)

torture: setup  ## Look for faults by seed: make torture SEEDS=1-10000
	$(BIN)/python run_agents.py torture --seeds $(or $(SEEDS),1-1000) --workers 2
