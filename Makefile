# make demo    runs the main job from the QR on the phone to the active IKD
# make test    checks everything
# make run     opens the same for a person, with the webcam if there is one
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := build

# Models are found in these folders by SHA-256; ../shared/models is added where it is there.
shared_models := $(abspath $(wildcard ../shared/models))
export LOKET_MODELS := $(if $(LOKET_MODELS),$(LOKET_MODELS)$(if $(shared_models),:))$(shared_models)
# So is the reference data that names the region of a NIK.
export LOKET_REGIONS := $(or $(LOKET_REGIONS),$(abspath $(wildcard ../shared/wilayah)))
export LANG := en_US.UTF-8
export CGO_CXXFLAGS ?= -O2 -g0
export CGO_CFLAGS ?= -O2 -g0
# What is built and tested is what leaves this machine: without paths of it, and without go-face's -march=native, which an
# older PC dies of. The wrapper stands in PATH so that the build cache serves every clone.
export PATH := $(CURDIR)/scanner/face/dlib:$(PATH)
export CXX := portable-cxx
export GOFLAGS := $(filter-out -trimpath,$(shell go env GOFLAGS 2>/dev/null)) -trimpath

TAGS := migrated_fynedo
FUZZTIME ?= 5s

.PHONY: release release-check release-check-long bench-faces memory liveness engine-faults setup build test check race fuzz models demo run bench-qr clean trial crash crash-long iofail iofail-long approvals approvals-long tamper tamper-long faults faults-long theft theft-long clock clock-long vans vans-long

setup:
	@.ci/setup

build: setup
	@mkdir -p dist
	go build -tags $(TAGS) -o dist/ ./cmd/...

# check is what needs no test: form, vet, staticcheck.
check: setup
	@test -z "$$(gofmt -l app assets camera cmd scanner sync)" || { gofmt -l app assets camera cmd scanner sync; exit 1; }
	go vet -tags $(TAGS) ./...
	go tool staticcheck -tags $(TAGS) ./...

# Every test, verbosely into .cache/test.log; what is printed is a line a package, every skip, and at a failure what
# came before it, with the names of the failed tests last.
test: check build
	@mkdir -p .cache
	go test -tags $(TAGS) -v -timeout 20m ./... > .cache/test.log 2>&1 || { \
		grep -E -B 40 '^ *--- FAIL|^panic:|^fatal error:' .cache/test.log | grep -vE '^=== |--- PASS' | tail -n 150; \
		grep -E '^ *--- FAIL|^FAIL|^panic:' .cache/test.log; exit 1; }
	@grep -E '^(ok|FAIL) |^ *--- SKIP' .cache/test.log
	@$(MAKE) --no-print-directory race

# The race detector on everything that needs neither OpenCV nor dlib; -short draws and reads fewer pictures, none of which runs goroutines.
race:
	@go test -race -short $$(go list -f '{{.ImportPath}} {{join .Deps " "}} {{join .TestImports " "}} {{join .XTestImports " "}}' ./... | grep -vE 'gocv|go-face|scanner/face/(onnx|dlib)' | cut -d' ' -f1)

# Trials break the programs on purpose and print what was lost, with a control that has to lose; NAME-long writes
# cmd/trial/figures/NAME.json too.
trial: setup
	@mkdir -p dist
	go build -tags $(TAGS) -o dist/ ./cmd/trial

# Power cuts after every file call of the ledger.
crash: trial
	dist/trial crash
crash-long: trial
	dist/trial crash -images 100000 | tee cmd/trial/figures/crash.json

# A bad line between counters and central, and both ends killed.
faults: trial
	go build -tags $(TAGS) -o dist/ ./cmd/central
	dist/trial faults
faults-long: trial
	go build -tags $(TAGS) -o dist/ ./cmd/central
	dist/trial faults -packets 100000 | tee cmd/trial/figures/faults.json

# 2 % of the ledger's file calls fail.
iofail: trial
	dist/trial iofail
iofail-long: trial
	dist/trial iofail -ledgers 40 | tee cmd/trial/figures/iofail.json

# A stolen van's PC, searched for 1,000 marked citizens, and its PINs. swtpm is the chip.
theft: trial
	dist/trial theft
theft-long: trial
	dist/trial theft -citizens 10000 | tee cmd/trial/figures/theft.json

# Wrong clocks: batteries, hands, nights and zones.
clock: trial
	dist/trial clock
clock-long: trial
	dist/trial clock -rounds 40 | tee cmd/trial/figures/clock.json

# Weeks of vans that meet everything at once. dist/trial vans -tell -seed N tells what happened in a seed.
vans: trial
	dist/trial vans
vans-long: trial
	dist/trial vans -weeks 10000 | tee cmd/trial/figures/vans.json

# What a durable approval costs: fsyncs by strace, approvals a second beside raw fsyncs.
approvals: trial
	dist/trial approvals
approvals-long: trial
	dist/trial approvals | tee cmd/trial/figures/approvals.json

# A changed audit log, below and above the last head that central holds.
tamper: trial
	dist/trial tamper
tamper-long: trial
	dist/trial tamper -each 1000 | tee cmd/trial/figures/tamper.json

# What leaves this machine.
release: build
	@tar --sort=name --owner=0 --group=0 --numeric-owner --mtime=@$$(git log -1 --format=%ct) -czf dist/loket-linux-amd64.tar.gz LICENSE -C dist kiosk central phone
	@sha256sum dist/loket-linux-amd64.tar.gz

# The release's face engines on a PC of 2008, and that the same code without the compiler wrapper dies there.
release-check: release
	@.ci/release-check

# With a whole kiosk that is built without the wrapper as a second control.
release-check-long: release
	CXX=g++ go build -tags $(TAGS) -o .cache/native-kiosk ./cmd/kiosk
	@.ci/release-check dist/loket-linux-amd64.tar.gz .cache/native-kiosk

# Detection, the second look, quality, embedding and a whole frame; cpu-ms/op holds on a busy PC too.
bench-faces: setup
	go test -run '^$$' -bench 'Detect|Refine|Quality|Describe|Frame' -benchtime 2s ./scanner/face/onnx ./scanner/face/dlib

# 10,000 frames: OpenCV's pictures are counted, and resident memory stays within 5 MiB. go test runs a shorter form that
# does not count. What these two last showed is in scanner/face/figures.
memory: setup
	LOKET_FRAMES=10000 LOKET_FIGURES=$(CURDIR)/scanner/face/figures/memory.json go test -tags matprofile -run 'TestMemory|TestNoMatIsLeft' -count 1 -v -timeout 60m ./scanner/face/onnx

# The liveness challenge against scripted attacks, on the held seed. go test runs a few clips of it; --kinds plays a part.
liveness: build
	dist/kiosk eval liveness ../shared/faces/nuaa | tee cmd/kiosk/figures/liveness.json

# Each parser is fuzzed for FUZZTIME.
fuzz: setup
	@.ci/fuzz $(FUZZTIME)

# The code reader beside Debian's libzbar, on the same pictures in the same run.
bench-qr: setup
	go test -run '^$$' -bench BesideZbar -benchtime 1x ./scanner/qr

# A detector and a matcher: what is installed, else from the official addresses, each checked by its SHA-256.
models: build
	@installed() { dist/kiosk models check $$1 > /dev/null 2>&1; }; \
	for m in face-reidentification-retail-0095 sface-2021dec; do \
		if installed yunet-2022mar && installed $$m; then exit 0; fi; \
	done; \
	echo "models: fetching yunet-2022mar and sface-2021dec"; \
	dist/kiosk models get yunet-2022mar sface-2021dec

# 100 times killed, stopped and broken while a citizen sits before the camera; go test runs a shorter form of it.
engine-faults: setup
	LOKET_FAULTS=100 LOKET_FIGURES=$(CURDIR)/scanner/face/figures/engine-faults.json go test -tags $(TAGS) ./cmd/kiosk -run '^TestEngineFaults$$' -count 1 -v -timeout 15m

demo: models
	dist/demo -bin dist -out demo

run: models
	dist/demo -bin dist -out demo -person

clean:
	rm -rf dist demo .cache
