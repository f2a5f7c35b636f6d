# The front door. `make help` lists what there is.
SHELL := /bin/bash
.DEFAULT_GOAL := help

BUILD   := .build
# Release, with the standard library linked in: it starts in half the time and needs nothing installed.
RELEASE := -c release --static-swift-stdlib
CLI     := $(BUILD)/release/omphalos
PLUGINS := build/plugins
DEMO    := build/demo

.PHONY: help demo cli plugins test test-asan test-tsan test-faults lint bench fuzz man deps clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' Makefile

cli: ## Build the command line program (release)
	swift build $(RELEASE) --product omphalos

plugins: ## Build the example plugins into build/plugins
	$(MAKE) --no-print-directory -s -C ExamplePlugins OUT=$(CURDIR)/$(PLUGINS)

demo: cli plugins ## Build everything, run the example pipeline on real data, verify the run
	@CLI=$(CLI) PLUGINS=$(PLUGINS) OUT=$(DEMO) bash ExamplePlugins/demo/demo.sh

test: plugins ## Run all tests
	swift build --build-tests
	OMPHALOS_PLUGINS=$(CURDIR)/$(PLUGINS) swift test --skip-build

test-asan: ## Run the tests of ABI and store, and the example plugins, under AddressSanitizer
	bash Tests/PluginTests/sanitized.sh
	ASAN_OPTIONS=detect_leaks=0 swift test --scratch-path .build-asan --sanitize=address \
	  --filter 'PluginABITests|ArtifactStoreTests'

test-tsan: ## Run the tests of ABI and store under ThreadSanitizer
	bash Tests/ThreadSanitizer/run.sh

test-faults: plugins ## Kill runs at hundreds of calls, fail every call that writes, fill disks (about ten minutes)
	swift build --build-tests
	OMPHALOS_FAULTS=1 OMPHALOS_PLUGINS=$(CURDIR)/$(PLUGINS) swift test --skip-build --filter FaultTests

lint: ## Check sources against the compiler's warnings and the house rules
	OMPHALOS_WARNINGS=error swift build --build-tests
	swift test --skip-build --filter HouseRulesTests

bench: cli plugins ## Compare start-up and a run with their rivals; print the ratios
	CLI=$(CLI) PLUGINS=$(PLUGINS) bash Benchmarks/run.sh

fuzz: ## Feed every parser for FUZZ_SECONDS (60) each; a crash is kept in Fuzz/crashes
	bash Fuzz/run.sh

man: ## Write man pages into build/man
	swift package generate-manual --configuration debug --multi-page
	@mkdir -p build/man && cp $(BUILD)/plugins/GenerateManual/outputs/omphalos/*.1 build/man/ && ls build/man

deps: ## Install what tests and tools use beyond the Swift toolchain (Debian; as root)
	bash Tests/Scripts/install-test-tools.sh

clean: ## Remove everything that was built
	rm -rf .build .build-asan .build-tsan .build-fuzz build
