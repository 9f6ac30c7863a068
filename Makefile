# `make demo` shows the engine at work, `make test` proves it, `make check` is what a change must pass.
# Another interpreter: make PYTHON=python3.12 test

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.stamp
PIP    := $(BIN)/python -m pip --disable-pip-version-check -qq --no-input
PYTEST := $(BIN)/python -m pytest
# Tests wait for daemons, servers and clocks half of the time: one worker more than there are cores, up to four.
WORKERS ?= $(shell cores=$$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1); echo $$((cores < 4 ? cores + 1 : 4)))

.DEFAULT_GOAL := help
.PHONY: help demo test check lint types floors partners stories corpus referee docs crash crashlong machine machinelong soak faults faultslong benchsftp sabotage mutants bench fuzz security sbom clean

help: ## say what there is to make
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-16s%s\n", $$1, $$2 }'

demo: $(STAMP) ## start a sandbox retailer and watch orders go in and answers come out
	@$(BIN)/edi demo

test: $(STAMP) ## run the tests, all but the very long ones
	@$(PYTEST) -n $(WORKERS) --dist loadfile

check: $(STAMP) ## everything a change must pass: lint, types, floors, partners, tests (the docs are tested, too)
	@$(MAKE) --no-print-directory lint
	@$(MAKE) --no-print-directory types
	@$(MAKE) --no-print-directory floors
	@$(MAKE) --no-print-directory partners
	@$(MAKE) --no-print-directory test

lint: $(STAMP) ## style and format
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(STAMP) ## mypy, strict
	@$(BIN)/mypy

floors: $(STAMP) ## who may import whom
	@$(BIN)/lint-imports --no-logo

partners: $(STAMP) ## check the partner files that ship
	@$(BIN)/edi partner check

stories: $(STAMP) ## write the answers of the sample stories anew; read the difference before you commit it
	@EDI_WRITE_STORIES=1 $(PYTEST) -q tests/stories/test_walk.py

corpus: $(STAMP) ## walk the X12 files that others wrote; print each with its verdict and first finding
	@$(PYTEST) -q -s tests/corpus

referee: $(STAMP) ## hold our verdicts beside those of pyx12; print how many differences are known
	@$(PYTEST) -q tests/referee/test_differences.py

docs: $(STAMP) ## type what the docs show, and see that what they name exists
	@$(PYTEST) -q tests/house/test_docs.py tests/docs

crash: $(STAMP) ## kill the engine everywhere and see that nothing is lost or sent twice; takes long
	@$(PYTEST) -q -m "crash and not crash_long" -n 4 --dist worksteal tests/crash tests/unit/store/test_crash.py

crashlong: $(STAMP) ## the same with 1,000 kills at random on each database; KILLS=10000 for more; takes hours
	@EDI_CRASH_KILLS=$(or $(KILLS),1000) $(PYTEST) -q -m crash_long --timeout=0 tests/crash

machine: $(STAMP) ## let partner, engine and people do 1,000 things in any order, with kills and faults in between
	@$(PYTEST) -q tests/machine

machinelong: $(STAMP) ## the same with 200,000 things, other ones; STEPS= for more or fewer, SEED= for others; takes hours
	@EDI_MACHINE_STEPS=$(or $(STEPS),200000) EDI_MACHINE_SEED=$(or $(SEED),2) $(PYTEST) -q --timeout=0 tests/machine

soak: $(STAMP) ## 10 minutes of trade with kills and faults: nothing lost, nothing grows; SOAK_SECONDS= for longer
	@SOAK_SECONDS=$(or $(SOAK_SECONDS),600) $(PYTEST) -q --timeout=0 tests/soak/test_soak.py

faults: $(STAMP) ## trade with a server that misbehaves by script; print what a run of 500 files met
	@$(PYTEST) -q -s tests/faults

faultslong: $(STAMP) ## the same with 2,000 files (FILES=100000 for more), and a disk that fails at each write; takes long
	@EDI_FAULT_FILES=$(or $(FILES),2000) $(PYTEST) -q -s -m faults_long --timeout=0 tests/faults
	@EDI_FAULT_WRITES=1 $(PYTEST) -q --timeout=0 tests/faults/test_disk.py

benchsftp: $(STAMP) ## fetch small files beside paramiko's own get() and OpenSSH's sftp; needs sshd
	@$(PYTEST) -q -s -m bench tests/faults/test_speed.py

sabotage: $(STAMP) ## break the code on purpose, place by place: each break must turn a test red; takes long
	@$(BIN)/python tools/sabotage.py

mutants: $(STAMP) ## take the checks of X12 away, one at a time: each must turn a conformance file red; takes long
	@$(BIN)/python tools/mutants.py

bench: $(STAMP) ## measure speed and memory beside pyx12 and others; writes docs/reference/performance.md
	@$(BIN)/python -m bench

fuzz: $(STAMP) $(VENV)/.fuzz ## throw hostile bytes at all that reads what others write, for about 5 minutes; FUZZ_SECONDS= for longer
	@$(BIN)/python -m fuzz

security: $(STAMP) $(VENV)/.security ## scan the source (bandit): no finding of medium or high severity beyond tools/bandit-known.json
	@$(VENV)/security/bin/bandit -q -r edi_engine -c pyproject.toml -ll -b tools/bandit-known.json

sbom: $(STAMP) ## write what the program is made of: build/sbom.cdx.json (CycloneDX)
	@$(BIN)/python tools/build_sbom.py

clean: ## remove what make and the tools made
	@rm -rf $(VENV) build dist bench/.cache .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@find edi_engine tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.fuzz: requirements/fuzz.txt $(STAMP)
	@$(PIP) install --require-hashes --only-binary :all: -r requirements/fuzz.txt || { \
	  echo "make fuzz needs atheris, which has wheels for Python 3.11 to 3.13 on Linux (x86-64)." >&2; exit 1; }
	@touch $@

# bandit has an environment of its own: what it needs has no business beside the program.
$(VENV)/.security: requirements/security.txt $(STAMP)
	@$(BIN)/python -m venv --clear $(VENV)/security
	@$(VENV)/security/bin/python -m pip --disable-pip-version-check -qq --no-input install --require-hashes --only-binary :all: -r requirements/security.txt
	@touch $@

# The stamp is written last, and taken away first: an installation that was interrupted is begun anew.
$(STAMP): requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  fault=`$(PYTHON) -c 'import sys; v = sys.version_info[:3]; print("is %d.%d.%d" % v if v < (3, 11) else "lacks one of these")' 2>/dev/null || echo "is not there"`; \
	  echo "edi-engine needs Python 3.11 or newer with venv and ensurepip, but $(PYTHON) $$fault: install it (on Debian or Ubuntu: apt install python3 python3-venv) and, if its name differs, say so as in 'make PYTHON=python3.11 test'." >&2; \
	  exit 1; }
	@if test -f $@ && $(BIN)/python -c '' 2>/dev/null; then rm -f $@; else \
	  echo "Making $(VENV) (once, about a minute) ..." >&2; $(PYTHON) -m venv --clear $(VENV); fi
	@$(PIP) install --require-hashes --only-binary :all: -r requirements/dev.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@
