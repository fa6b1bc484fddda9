# The commands a person types; CI calls only these.
CARGO ?= cargo
CC ?= cc
LDRS = $(CURDIR)/target/release/ld-rs.so
DEMO = target/demo

.PHONY: all run test test-trees test-tools bench bench-big soak stress lint clean

all:
	$(CARGO) build --release

# A freestanding program with thread-local data in three objects, by both ways of starting; then ls.
run: all
	@mkdir -p $(DEMO)
	@cd $(DEMO) && flags="-O2 -nostdlib -nostartfiles -ffreestanding -I$(CURDIR)/testprogs/include" && \
	  src=$(CURDIR)/testprogs/demo/counters && \
	  $(CC) $$flags -fPIC -shared $$src/count.c -o libcount.so -Wl,--allow-shlib-undefined && \
	  $(CC) $$flags -fPIC -shared $$src/name.c -o libname.so -Wl,--allow-shlib-undefined && \
	  $(CC) $$flags -fPIE -pie $$src/main.c -o counters -L. -l:libcount.so -l:libname.so $(LDRS) \
	    '-Wl,-rpath,$$ORIGIN' -Wl,--dynamic-linker=$(LDRS)
	@echo '$$ $(DEMO)/counters          # PT_INTERP is ld-rs.so'
	@$(DEMO)/counters
	@echo '$$ ld-rs.so $(DEMO)/counters'
	@$(LDRS) $(DEMO)/counters
	@echo '$$ ld-rs.so /bin/ls -l /'
	@$(LDRS) /bin/ls -l /

# Unit tests of what decides, then every claim of testprogs/ and the system's own programs.
test: all
	sh tests/setup.sh
	$(CARGO) test -p ld-rs-plan
	$(CARGO) test -p ld-rs-tests --no-fail-fast

# Debian 11, 12, 13 and sid on ld-rs alone, then every program of this machine; root, network, 3 GB, a quarter of an hour.
test-trees: all
	python3 tests/trees/trees
	LD_RS_RELEASES="trixie sid bullseye" $(CARGO) test -p ld-rs-tests --test releases
	python3 tests/trees/sweep

# Large programs of Debian 12 (java, node, postgresql, scipy, R, ffmpeg, gdb, valgrind ...), each of
# their libraries and programs; root, network, 4 GB, a quarter of an hour.
test-tools: all
	python3 tests/trees/trees tools
	python3 tests/trees/sweep --tree tools

# Tables of times, ratios, faults and instructions against the system's loader; --save keeps them.
bench: all
	$(CARGO) run --release -q -p ld-rs-tests --bin bench -- $(BENCH)

# The largest programs, installed or of `tests/trees/trees tools`, before their constructors, and how the cost of
# a start grows with the number of libraries.
bench-big: all
	$(CARGO) run --release -q -p ld-rs-tests --bin bench -- gdb clang kwrite inkscape ffmpeg growth $(BENCH)

# 100,000 malformed files in every mode.
soak: all
	$(CARGO) run --release -q -p ld-rs-tests --bin mutants -- --count 100000

# Ten minutes of threads, forks, signals and exceptions against dlopen and dlclose; `make test` has one.
stress: all
	STRESS_MINUTES=10 $(CARGO) test -p ld-rs-tests --test stress -- --test-threads=1 --nocapture

lint:
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets -- -D warnings

clean:
	$(CARGO) clean
