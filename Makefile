# Lettershop's workshop door. `make` alone lists what can be done.

VENV  := .venv
BIN   := $(VENV)/bin
READY := $(VENV)/.ready
JOBS  ?= auto
WORDS := $(wildcard src/lettershop/web/locale/*/*/LC_MESSAGES/django.po)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup demo test explore check bench bench-intake bench-refresh bench-render bench-recommend bench-send bench-fleet bench-pages bench-cluster docs translations screenshots lock clean

# The environment belongs to this folder alone: settings of the caller that would send packages
# elsewhere or change what is installed are dropped; those that say where packages come from stay.
unexport PYTHONPATH PYTHONHOME PYTHONDONTWRITEBYTECODE VIRTUAL_ENV
unexport PIP_TARGET PIP_PREFIX PIP_ROOT PIP_CONSTRAINT PIP_REQUIREMENT PIP_EDITABLE PIP_NO_DEPS
unexport PIP_REQUIRE_HASHES PIP_DRY_RUN PIP_PYTHON PIP_QUIET PIP_VERBOSE PIP_LOG PIP_UPGRADE
unexport PIP_ISOLATED PIP_NO_BUILD_ISOLATION PIP_IGNORE_INSTALLED PIP_FORCE_REINSTALL PIP_NO_BINARY
export PIP_USER := 0
export PIP_DISABLE_PIP_VERSION_CHECK := 1

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: $(READY) ## install everything into .venv (again only when the lock has changed)

demo: $(READY) ## create a sample company in demo/, send it a campaign, and serve it until Ctrl-C
	@$(BIN)/lettershop demo demo

test: check ## everything: formatting, lint, types, floors, all tests
	@sh tools/bounces.sh $(VENV) $(VENV)/bounces
	@sh tools/test_parts.sh
	@$(BIN)/python -m pytest -n $(JOBS) --dist worksteal

explore: $(READY) ## the random tests with another seed and many more cases (half an hour)
	@LETTERSHOP_SEED=random LETTERSHOP_CASES=10000 LETTERSHOP_RUNS=3000 LETTERSHOP_EXPLAIN_WORLDS=25 \
	LETTERSHOP_LETTER_WORLDS=60 $(BIN)/python -m pytest -n $(JOBS) --dist worksteal \
	tests/engines tests/refresh tests/content/test_gathering_equal.py tests/content/values

check: $(READY) ## the quick half of test: formatting, lint and types
	@$(BIN)/ruff format --check --quiet || { $(BIN)/ruff format --diff; exit 1; }
	@$(BIN)/ruff check --quiet
	@$(BIN)/mypy

bench: $(READY) ## measure on generated data (about 3 minutes; ARGS="--help" shows the sizes)
	@$(BIN)/python -m bench $(ARGS)

bench-intake: $(READY) ## measure the collector with wrk (under a minute)
	@$(BIN)/python -m bench.intake $(ARGS)

bench-refresh: $(READY) ## measure segments kept current (about 3 minutes; ARGS="--help" for sizes)
	@$(BIN)/python -m bench.refresh $(ARGS)

bench-recommend: $(READY) ## measure recommendations on real purchases, where ../shared/data has them
	@$(BIN)/python -m bench.recommend $(ARGS)

bench-render: $(READY) ## measure letters beside bare python-liquid and Jinja2 (about 2 minutes)
	@$(BIN)/python -m bench.render $(ARGS)

bench-send: $(READY) ## measure sending beside smtp-source and plain loops (about 3 minutes)
	@$(BIN)/python -m bench.send $(ARGS)

bench-fleet: $(READY) ## 50,000 letters from three machines, with kills (about 5 minutes)
	@$(BIN)/python -m bench.fleet $(ARGS)

bench-pages: $(READY) ## measure every page of the web app on the sample company (about 2 minutes)
	@$(BIN)/python -m bench.pages $(ARGS)

bench-cluster: $(READY) ## measure DuckDB, Spark and Sail on the same facts (about 10 minutes)
	@$(BIN)/python -m bench.cluster $(ARGS)

docs: $(READY) ## write docs/reference again from the code
	@$(BIN)/python -m tools.reference

screenshots: $(READY) ## every page wide, narrow, dark, in German and empty, into screenshots/
	@$(BIN)/python -m tools.screenshots $(ARGS)

translations: $(READY) ## collect what the pages say into src/lettershop/web/locale, and compile it
	@$(BIN)/python -m tools.translations $(ARGS)

lock: ## write requirements.lock from pyproject.toml (ARGS=--upgrade for newer versions)
	@python3 -m tools.lock $(ARGS)

clean: ## remove everything that can be made again
	rm -rf $(VENV) build dist demo bench-data tests/clients/node_modules tools/assets/node_modules \
		src/lettershop/web/vendor screenshots .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find src tests tools bench -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

$(READY): requirements.lock pyproject.toml tools/setup.sh tests/clients/package-lock.json \
	tools/assets.py tools/assets/package-lock.json src/lettershop/web/icons.txt $(WORDS)
	@sh tools/setup.sh $(VENV)
	@touch $@
