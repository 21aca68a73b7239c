# One line each; `make help` lists them.
PYTHON ?= python3
VENV := .venv
READY := $(VENV)/.ready-$(shell cat requirements/dev.txt pyproject.toml | cksum | cut -d' ' -f1)

.DEFAULT_GOAL := help
.PHONY: faults faults-mutations help setup run test lint unit integration acceptance bench bench-peers bench-restore bench-idle bench-http bench-views bench-streams contract eval-extraction soak flow docs clean-data lock

help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-17s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) ## make .venv with everything pinned; done once

$(READY): requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; name it: make PYTHON=python3.12 ...") if sys.version_info < (3, 11) else None'
	@echo "setting up $(VENV): about a minute the first time"
	@test -x $(VENV)/bin/python || $(PYTHON) -m venv $(VENV)
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@rm -f $(VENV)/.ready-* && touch $@

run: $(READY) ## start the whole local system; Ctrl-C stops it
	@exec $(VENV)/bin/academy run

test: $(READY) ## lint, types, import contracts, and every test that this machine allows
	@$(VENV)/bin/python -m tests.summary

lint: $(READY) ## style, types and import contracts
	@$(VENV)/bin/python -m tests.summary lint

unit: $(READY) ## the tests that need no process
	@$(VENV)/bin/pytest -n 2 tests/unit

integration: $(READY) ## the tests on a real Kafka and a real Postgres
	@$(VENV)/bin/pytest -n 2 --dist loadfile tests/integration

acceptance: $(READY) ## the composed system, started as a user would
	@$(VENV)/bin/pytest -n 2 --dist loadgroup tests/acceptance

faults: $(READY) ## every fault experiment under both group protocols, with a table of what held
	@$(VENV)/bin/pytest -q tests/faults --faults-report build/faults

faults-mutations: $(READY) ## a rule of the loops broken at a time, and which experiment turns red; four minutes
	@$(VENV)/bin/pytest -q tests/mutations

bench: $(READY) ## ratios of one run, as a table and build/bench/*.json
	@$(VENV)/bin/python -m tests.bench.topology
	@$(VENV)/bin/python -m tests.bench.stages
	@$(VENV)/bin/python -m tests.bench.decisions
	@$(VENV)/bin/python -m tests.bench.startup
	@$(VENV)/bin/python -m tests.bench.latency
	@$(VENV)/bin/python -m tests.bench.lists

bench-streams: $(READY) ## two thousand idle clients of the stream of changes; two minutes
	@$(VENV)/bin/python -m tests.bench.streams

bench-peers: $(READY) ## the same topology on ours, quixstreams and Kafka Streams in one run; some minutes
	@$(VENV)/bin/python -m tests.bench.peers

bench-restore: $(READY) ## a million leads read back at a start, and state folded anew; some minutes
	@$(VENV)/bin/python -m tests.bench.restore

bench-idle: $(READY) ## how soon an idle service answers, and what it spends; three minutes
	@$(VENV)/bin/python -m tests.bench.idle

bench-http: $(READY) ## a lead read among 100,000, and ingest, each beside a bare route; a quarter of an hour
	@$(VENV)/bin/python -m tests.bench.reads
	@$(VENV)/bin/python -m tests.bench.ingest_rate

bench-views: $(READY) ## rows a second of views made anew, and how soon a new row is seen; some minutes
	@$(VENV)/bin/python -m tests.bench.views

contract: $(READY) ## every route asked by schemathesis, many times; half an hour
	@$(VENV)/bin/python -m tests.contract

eval-extraction: $(READY) ## how well the rules hear, and the model where OPENAI_API_KEY is set
	@$(VENV)/bin/python -m tests.extraction.score

soak: $(READY) ## twenty minutes of steady load: memory, lag and error lines of each service
	@$(VENV)/bin/python -m tests.bench.soak

flow: $(READY) ## the topics, who writes and who reads them
	@$(VENV)/bin/python -m schemas.flow

docs: $(READY) ## write the generated parts of docs/ anew
	@$(VENV)/bin/python -m tests.docs

clean-data: $(READY) ## remove everything that the local system keeps
	@$(VENV)/bin/academy clean

lock: ## resolve the requirements anew (needs uv)
	@uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet pyproject.toml -o requirements/run.txt
	@uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet pyproject.toml --extra dev -o requirements/dev.txt
