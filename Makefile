# make demo   installs what is missing, builds, runs the generated catalogue end to end, prints where the report is
# make test   the same set-up, then every test
# make fuzz   libFuzzer targets of every reader, SECONDS=60 each
.PHONY: demo test build setup install bench experiments format lint asan tsan fuzz clean

SECONDS := 60
BUILD := build/release
WINNOW := $(BUILD)/bin/winnow

setup:
	@scripts/bootstrap.sh

build: setup
	@scripts/build.sh release

demo: setup
	@scripts/build.sh release winnow
	@$(WINNOW) demo --out demo-run

test:
	@scripts/bootstrap.sh --tests
	@python3 tools/dev/check_layers.py
	@scripts/build.sh release
	@ctest --test-dir $(BUILD) -LE 'slow|gpu' --output-on-failure --no-tests=error -j2

install: build
	@cmake --install $(BUILD)

experiments: build
	@tools/experiments/run.sh experiments

bench: build
	@for b in $(BUILD)/bin/bench_*; do $$b; done

asan tsan: setup
	@scripts/build.sh $@
	@ctest --test-dir build/$@ -L unit --output-on-failure --no-tests=error

fuzz:
	@scripts/bootstrap.sh --fuzz
	@tools/dev/fuzz.sh $(SECONDS)

format:
	@tools/dev/format.sh

lint:
	@tools/dev/format.sh --check
	@python3 tools/dev/check_layers.py

clean:
	rm -rf build demo-run experiments
