# make run     a server of your own, from nothing but Python
# make test    what is tested every time, with all it needs
# make nightly the same and what that leaves out for its time; before a release
# make fuzz    every parser, ten minutes each
# make check   formatting, types, the rules of the house
# make bench-sfu  what the SFU costs, beside Janus under the same load
# make bench-insider  what one person's absurd values cost a media process, and others
# make soak    an hour of meetings that come and go; memory, tasks, descriptors stay
# make bench-export  what an export costs: times real time, memory, seconds for each step
# make bench-watching  how soon an hour's meeting is proven, plays and seeks, and in how much memory
#
# Everything is installed into .venv, in the versions and with the digests of requirements*.txt.

SHELL := /bin/bash
.ONESHELL:
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run build test nightly pictures walk mutants protections model fuzz bench-lip-sync bench-sfu bench-insider soak bench-watching bench-export races bench-log check lock dist clean system

VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

# The newest Python that will do; say `make PYTHON=…` to choose another.
OLD_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	"$$python" -c '$(OLD_ENOUGH)' 2>/dev/null && echo "$$python" && break; done)

help:
	@sed -n 's/^# \(make .*\)/\1/p' Makefile

# ---------------------------------------------------------------- run

run: build
	@exec $(BIN)/assent serve

# The package is installed editable, so that a change of its code needs no new installation; the
# client is built again where its sources have changed.
build: $(VENV)/.run
	@$(BIN)/python hatch_build.py

$(VENV)/.created:
	@if [ -z "$(PYTHON)" ]; then echo "assent: needs Python 3.11 or newer; found none" >&2; exit 1; fi
	"$(PYTHON)" -m venv --clear $(VENV) || { echo "assent: Python cannot make a virtual environment \
	here; on Debian and Ubuntu: apt install python3-venv" >&2; rm -rf $(VENV); exit 1; }
	touch $@

$(VENV)/.run: requirements.txt requirements-build.txt requirements-node.txt pyproject.toml $(VENV)/.created
	@echo "assent: installing into $(VENV)"
	$(PIP) --require-hashes -r requirements.txt -r requirements-build.txt
	$(BIN)/python hatch_build.py has-node || $(PIP) --require-hashes -r requirements-node.txt
	$(BIN)/python hatch_build.py # here first: pip would bury what it says
	$(PIP) --no-build-isolation --no-deps --editable .
	touch $@

# ---------------------------------------------------------------- test and check

$(VENV)/.test: requirements-test.txt $(VENV)/.run
	@$(PIP) --require-hashes -r requirements-test.txt
	touch $@

# Chromium, PostgreSQL and others, which come from the system's packages. The benchmark's own
# test is skipped where Janus and a compiler cannot be had.
system:
	@bash .ci/system-packages
	bash .ci/bench-packages || true

# Meetings in several browsers: two take turns. What is measured needs the machine for itself.
BROWSERS := tests/end_to_end
MEASURED := tests/bench/test_sfu.py tests/assent/media/test_bad_lines.py tests/assent/media/test_chromium.py

# What is left to `make nightly` is in tests/tiers.toml, each with its reason.
test: TIER := -m "not nightly"
nightly: TIER :=

# What tests write is in memory where there is room; the night's is on the disk.
test: FOLDER := TMPDIR=$$(bash .ci/test-folder); export TMPDIR; trap 'rm -rf "$$TMPDIR"' EXIT
nightly: FOLDER :=

# A test waits for servers and other processes, too: four take turns on two cores. The one does not
# keep the other from being run; pytest comes last, its closing line with it.
test nightly: build $(VENV)/.test system
	@$(FOLDER)
	failed=0
	$(MAKE) --no-print-directory check || failed=1
	$(BIN)/python hatch_build.py npm test || failed=1
	pytest() { $(BIN)/python -m pytest --no-loadscope-reorder --durations=40 --durations-min=5 $(TIER) "$$@"; }
	pytest --numprocesses=4 --dist=loadfile $(BROWSERS:%=--ignore=%) $(MEASURED:%=--ignore=%) || failed=1
	pytest --numprocesses=2 --dist=loadfile $(BROWSERS) || failed=1
	pytest $(MEASURED) || failed=1
	exit $$failed

# The pictures of every page, in client-web/screenshots.
pictures: build $(VENV)/.test system
	@PYTHONPATH=tests:server:storage $(BIN)/python -m pictures.take

# Every reachable order of events for four people, through the real rule and the real gate.
walk: $(VENV)/.test
	@PYTHONPATH=tests $(BIN)/python tests/walk.py

# Every condition of the gate and of the capture rule, changed one at a time; each must be noticed.
mutants: $(VENV)/.test
	@PYTHONPATH=tests $(BIN)/python tests/mutants.py

# Every protection of storage/THREATS.md, taken away one at a time; each must be missed by its tests.
# PROTECTIONS=--browsers also has those that are seen in real browsers, "--only TEXT" just some.
protections: build $(VENV)/.test system
	@PYTHONPATH=tests $(BIN)/python tests/protections.py $(PROTECTIONS)

# Every interleaving of a withdrawal and an export; what is checked is storage/assent_vault/release/queue.pml.
model: $(VENV)/.test system
	@$(BIN)/python -m pytest -rP tests/assent_vault/test_model.py

# Every target for so many seconds; what it learns and finds is kept in .fuzz between runs.
FUZZ_SECONDS ?= 600
fuzz: build $(VENV)/.test
	@cd tests
	export PYTHONPATH=.:../server:../storage
	for target in $$(ls fuzz/corpus); do
		mkdir -p "../.fuzz/$$target"
		echo "fuzz: $$target for $(FUZZ_SECONDS) s"
		../$(BIN)/python -m fuzz "$$target" -max_total_time=$(FUZZ_SECONDS) -verbosity=0 -print_final_stats=1 \
			-artifact_prefix="../.fuzz/$$target-" "../.fuzz/$$target"
	done

# Sound against picture after ten minutes on a bad line, in a browser and in the recording; as root.
bench-lip-sync: build $(VENV)/.test system
	@PYTHONPATH=tests:server:storage $(BIN)/python -m bench.lip_sync $(BENCH)
# An hour's meeting of six: how soon it is proven, plays and seeks in Chromium, and in how much memory.
bench-watching: build $(VENV)/.test system
	@PYTHONPATH=tests:server:storage $(BIN)/python -m bench.watching $(BENCH)

# Meetings of six, an hour each: exported without and with listening. BENCH='--hours 100'.
bench-export: build $(VENV)/.test system
	@PYTHONPATH=tests:server:storage $(BIN)/python -m bench.export $(BENCH)

# Every order of the transactions of two workers, a withdrawal and the eraser, and 100,000 deliveries.
races: $(VENV)/.test system
	@$(BIN)/python -m pytest -rP --everything tests/assent_vault/export/test_interleavings.py

# BENCH='--figures all' also measures delay, stalls, memory, recording and people in a room; see
# tests/bench/README.md.
bench-sfu: build $(VENV)/.test
	@PYTHONPATH=tests $(BIN)/python -m bench.sfu $(BENCH)

# One person who sends absurd values to a media process for BENCH='--minutes 10', and what another
# meeting hears of it; 1 if cost or memory depends on what is said.
bench-insider: build $(VENV)/.test
	@PYTHONPATH=tests:server:storage $(BIN)/python -m bench.insider $(BENCH)

# The real server and meetings on it that come and go; 1 if anything grows. BENCH='--minutes 60'.
soak: build $(VENV)/.test
	@PYTHONPATH=tests:server:storage $(BIN)/python -m bench.soak $(BENCH)

# Appending to and proving in a log of a million entries; on PostgreSQL with BENCH="--database-url …".
bench-log: $(VENV)/.run
	@PYTHONPATH=tests:server:storage $(BIN)/python -m bench.log $(BENCH)

check: build $(VENV)/.test
	@failed=0
	try() { echo "check: $$*"; "$$@" || failed=1; }
	export PATH="$(abspath $(BIN)):$$PATH"
	# The client's part is as long as all the others, and is done beside them.
	echo "check: npm run check"
	python hatch_build.py npm run --silent check & client=$$!
	try ruff check --quiet .
	try ruff format --check --quiet .
	try mypy
	try lint-imports --no-cache
	wait $$client || failed=1
	exit $$failed

# ---------------------------------------------------------------- for those who release

# New versions within the bounds of pyproject.toml, for every platform and Python at once.
lock: $(VENV)/.created
	@$(PIP) uv
	export UV_CUSTOM_COMPILE_COMMAND="make lock"
	compile() {
		$(BIN)/python -m uv pip compile --quiet --upgrade --universal --fork-strategy fewest --python-version 3.11 \
			--generate-hashes --no-annotate --no-emit-index-url --no-emit-find-links "$$@"
	}
	compile pyproject.toml --output-file requirements.txt
	compile --group build --output-file requirements-build.txt
	compile --group node --output-file requirements-node.txt
	compile --group test --group check --constraint requirements.txt --constraint requirements-build.txt \
		--output-file requirements-test.txt
	compile --group loaders --constraint requirements.txt --constraint requirements-test.txt \
		--output-file requirements-loaders.txt

dist: build
	@$(BIN)/python -m hatchling build

clean:
	rm -rf $(VENV) dist server/assent/client client-web/node_modules
	find . -name __pycache__ -prune -exec rm -rf {} +
