SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup setup-tests demo test check lint-api proof bench sbom audit

PORT ?= 8000
BIN := .venv/bin
# Extra arguments for pytest, for example: make test ARGS="tests/ingest -x"
ARGS ?=
# Two more than there are processors: while one waits for a database or a browser, the others work.
WORKERS ?= $(shell expr $$(nproc) + 2)
# Every module of bench/ that can be run, the harness aside.
BENCHES := $(filter-out harness,$(basename $(notdir $(shell grep -l '__main__' bench/*.py))))

help: ## Laat deze lijst zien
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 16

setup: ## Installeer alles om de dienst te draaien (eenmalig; daarna is dit binnen een seconde klaar)
	@.ci/setup

setup-tests:
	@.ci/setup tests

demo: setup ## Start de demo-gemeente: database, gegevens, website en API (PORT=8000)
	@$(BIN)/buurtsignaal demo --port $(PORT)

# Compiled modules are kept: without them every command that a test starts compiles the program again.
test: export PYTHONDONTWRITEBYTECODE :=
test: setup-tests ## Voer alle tests uit, behalve de lange proeven
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder -m "not proof" $(ARGS)

proof: setup-tests ## Voer de lange statistische proeven en aanvalsproeven uit
	@$(BIN)/python -m pytest -n $(WORKERS) -m proof $(ARGS) || { code=$$?; [ $$code -eq 5 ] || exit $$code; echo "Er zijn nog geen proeven."; }

check: setup-tests ## Controleer alles: stijl, typen, importregels en tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy -p geo_service -p ingest -p maps -p analysis -p data -p bench
	$(BIN)/lint-imports
	@$(MAKE) --no-print-directory lint-api
	@$(MAKE) --no-print-directory test

lint-api: setup-tests ## Toets de beschrijving van de API aan de Nederlandse API Design Rules
	@mkdir -p .buurtsignaal/openapi
	@for role in publiek wijkregisseur; do for version in 3.0 3.1; do \
		$(BIN)/python -m geo_service.api.openapi --rol $$role --versie $$version \
			>.buurtsignaal/openapi/$$role-$$version.json || exit 1; done; done
	node_modules/.bin/spectral lint --fail-severity warn -r .ci/spectral/ruleset.yaml .buurtsignaal/openapi/*.json

sbom: setup-tests ## Schrijf op waaruit de dienst bestaat: alle pakketten met versie en licentie (CycloneDX)
	@$(BIN)/python .ci/sbom.py .buurtsignaal/sbom.cdx.json

audit: setup-tests ## Kijk alle vastgelegde pakketten na op bekende kwetsbaarheden
	@$(BIN)/python .ci/audit.py

# A database of its own: the loading bench empties the one it uses.
bench: WITHOUT_URL := env -u BUURTSIGNAAL_DATABASE_URL
bench: export BUURTSIGNAAL_MAP := $(CURDIR)/.buurtsignaal/bench
bench: export PATH := $(CURDIR)/$(BIN):$(PATH)
bench: setup-tests ## Meet de snelheid naast andere programma's, op een eigen tijdelijke database
	@for name in $(BENCHES); do echo "== bench.$$name"; $(WITHOUT_URL) $(BIN)/python -m bench.$$name || exit 1; done
	@$(WITHOUT_URL) $(BIN)/buurtsignaal db stop
