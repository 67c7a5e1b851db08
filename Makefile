# reelproof: every job has one name here. `make` alone lists them.
#
# Each job first runs `setup`, which installs what is missing on Debian 12, prints what to install
# elsewhere, and costs a fraction of a second when everything is there.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# Options of `make demo`: SERVE=0 ends after the report instead of serving it.
SERVE ?= 1
DIR   ?= demo-month
PORT  ?= 8040

CARGO_TARGET_DIR ?= target

# Cargo tools of `make check` are built once a user, not once a clone; see scripts/setup.sh.
export REELPROOF_TOOLS ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/reelproof/tools
export PATH := $(REELPROOF_TOOLS)/bin:$(PATH)

.PHONY: help setup setup-test setup-check web demo test check bench peers

help: ## list these targets
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

setup: ## install what is missing (Debian 12), or say what to install (elsewhere)
	@scripts/setup.sh

setup-test: ## the same, and insist on what the tests need
	@scripts/setup.sh --with test

setup-check: ## the same, and the tools of `make check` (cargo-deny, cargo-machete, shellcheck)
	@scripts/setup.sh --with check

web: setup ## build the web UI, which the service takes in when it is compiled
	@scripts/build-web.sh

demo: web ## make a month of footage, audit it, print the return, serve it (SERVE=0 DIR=demo-month PORT=8040)
	cargo build --release --locked -p reelproof -p media
	"$(CARGO_TARGET_DIR)/release/reelproof" demo --dir "$(DIR)" $(if $(filter 0,$(SERVE)),--no-serve,--port "$(PORT)")

test: setup-test web ## run every test, doc tests included
	@scripts/test.sh

check: setup-check ## formatting, lints, the types of the web UI, licences, unused dependencies, architecture, migrations
	cargo fmt --all --check
	shellcheck scripts/*.sh .ci/run
	scripts/check-architecture.sh
	scripts/check-migrations.sh
	scripts/build-web.sh --check
	cargo machete
	cargo deny --locked check --hide-inclusion-graph licenses bans sources
	cargo clippy --workspace --all-targets --locked -- -D warnings

bench: setup ## run the criterion benches
	cargo bench --locked -p benches

peers: setup ## run the side-by-side comparison with other tools, where there is one
	@if [[ -f benches/peers.sh ]]; then bash benches/peers.sh && bash benches/peers/drones.sh; \
	else echo 'peers: benches/peers.sh is not there, so there is nothing to compare' >&2; exit 1; fi
