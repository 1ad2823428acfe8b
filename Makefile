# SPDX-License-Identifier: Apache-2.0
# Power Tracker: `make help` says what there is. Meson does the building; this file only names the errands.
BUILD ?= build
PYTHON ?= /usr/bin/python3
PREFIX ?= /usr
.DEFAULT_GOAL := build

.PHONY: help deps build install check attacks soak fuzz lint bench demo demo-stop

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

deps: ## install what is missing with apt and npm (asks first unless root or YES=1)
	@tools/install.sh build

build: deps ## build everything into build/
	@test -f $(BUILD)/build.ninja || meson setup $(BUILD)
	@ninja -C $(BUILD)

install: deps ## install it where systemd and the system bus look; PREFIX=folder for another place, DESTDIR=folder for a package
	@test -f $(BUILD)/build.ninja || meson setup $(BUILD)
	@meson configure $(BUILD) -Dprefix=$(PREFIX) -Dsysconfdir=$(if $(filter /usr,$(PREFIX)),/etc,etc)
	@ninja -C $(BUILD)
	@meson install -C $(BUILD) --no-rebuild

check: build ## build and run every test; the last line counts them
	@$(PYTHON) tools/run-tests.py $(BUILD)

attacks: build ## the long form of every attack on running programs (docs/ATTACKS.md); `make check` runs the short one
	@PT_ATTACKS=long $(PYTHON) tools/run-tests.py $(BUILD) --suite attacks --timeout-multiplier 10

soak: build ## ten minutes of many times what the daemon can take in, beside a fleet that keeps to its share; `make check` runs a short one
	@PT_ATTACKS=long PT_BUILD_DIR=$(abspath $(BUILD)) PT_SOURCE_DIR=$(CURDIR) $(PYTHON) tests/attacks/test_overload.py

fuzz: build ## every fuzzer of tests/fuzz for SECONDS each, or RUNS runs (5000000), from SEED (a new one each time); `make check` runs a fixed few
	@ninja -C $(BUILD) fuzzers
	@tests/fuzz/run.sh $(BUILD) $(or $(RUNS),5000000) $(or $(SEED),$$(date +%s)) $(SECONDS)

lint: ## formatting, shell scripts, Python, and the project's own source checks
	@tools/install.sh lint
	@tools/lint/run.sh

bench: build ## one JSON line per figure; ONLY=name runs one
	@$(PYTHON) tests/bench/run.py --build $(BUILD) $(if $(ONLY),--only $(ONLY))

demo: build ## the whole path on this machine: CSV=file replays it, ONCE=1 audits and ends, KEEP=1 leaves it running, SPEED=n at most, SITES=n, TRANSPORT=https|mqtt|coap, STORE=mongodb
	@$(PYTHON) tools/demo.py --build $(BUILD) $(if $(CSV),--csv "$(CSV)") $(if $(SPEED),--speed $(SPEED)) \
	  $(if $(SITES),--sites $(SITES)) $(if $(TRANSPORT),--transport $(TRANSPORT)) $(if $(STORE),--store $(STORE)) $(if $(filter 1,$(ONCE)),--once) $(if $(filter 1,$(KEEP)),--keep)

shots: build ## pictures of the control room and the page, from the demo that runs (else from one on CSV=file), into build/shots/
	@$(PYTHON) tools/shots.py --build $(BUILD) $(if $(CSV),--csv "$(CSV)")

demo-stop: ## stop a demo that was left running
	@$(PYTHON) tools/demo.py --build $(BUILD) --stop
