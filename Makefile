# Relevo's commands. Each makes what it needs; `make help` lists them.
.DEFAULT_GOAL := help
.PHONY: help run test train lint widget bench fuzz screenshots lock clean
PYTHON := .venv/bin/python
# Only the chat widget's tests want Node.js: without it they are skipped.
NODE_TOOLS := $(if $(shell command -v npm),node_modules/.package-lock.json)

help: ## List the commands
	@echo "Relevo: make run starts everything, make test tests everything."
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

run: .venv/installed ## Install and train if needed, start everything, print the addresses
	@echo "make run: starting Relevo (the first time trains the model, some three minutes)"
	@exec .venv/bin/relevo up

test: .venv/installed-for-tests $(NODE_TOOLS) ## Run all tests (the browser's need Chromium, else they are skipped)
	@echo "make test: unit, Redis, Rasa, whole-system and browser tests"
	@.venv/bin/relevo train
	@$(PYTHON) -m pytest -n logical --maxprocesses 4 --dist loadgroup --no-loadscope-reorder

train: .venv/installed ## Train the model if there is none for the present data
	@echo "make train: training what has changed"
	@.venv/bin/relevo train

lint: .venv/installed-for-tests ## Check style and types, and the protocol
	@echo "make lint: ruff, mypy, relevo check"
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy relevo actions
	@.venv/bin/relevo check --strict --on 2026-12-01

widget: node_modules/.package-lock.json ## Bundle the chat widget after a change of its source
	@echo "make widget: bundling relevo/channels/webchat/widget/source"
	@npm run --silent build

bench: .venv/installed-for-tests ## Measure what the README promises, as ratios in one run
	@echo "make bench: measuring; takes a few minutes"
	@.venv/bin/relevo train
	@$(PYTHON) -m tests.bench

fuzz: .venv/installed-for-tests ## Attack a bot with 100,000 broken and forged webhooks
	@echo "make fuzz: takes several minutes"
	@.venv/bin/relevo train
	@$(PYTHON) -m tests.fuzz

screenshots: .venv/installed-for-tests $(NODE_TOOLS) ## Make the README's pictures anew
	@echo "make screenshots: driving a browser"
	@RELEVO_BROWSER_REQUIRED=1 $(PYTHON) -m pytest tests/browser/test_main_job.py tests/browser/test_protocol_document.py \
	  tests/browser/test_widget_pages.py tests/browser/test_whatsapp_phone_page.py
	@mkdir -p docs/screenshots && cp tests/output/*.png docs/screenshots/

lock: .venv/installed-for-tests ## Renew the lock files from pyproject.toml
	@echo "make lock: resolving dependencies"
	@scripts/lock.sh

clean: ## Throw away the virtual environment, models and caches (not your data in var/)
	@echo "make clean: removing .venv, node_modules, models and caches"
	@rm -rf .venv node_modules models .rasa .pytest_cache .mypy_cache .ruff_cache .hypothesis

.venv/installed: requirements.lock pyproject.toml scripts/install.sh
	@scripts/install.sh requirements.lock .venv/installed

.venv/installed-for-tests: requirements-dev.lock requirements.lock pyproject.toml scripts/install.sh
	@scripts/install.sh requirements-dev.lock .venv/installed .venv/installed-for-tests

node_modules/.package-lock.json: package.json package-lock.json
	@npm ci --silent --no-audit --no-fund
