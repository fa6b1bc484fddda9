# The commands a person types; CI calls only these.
CARGO ?= cargo
CC ?= cc
LDRS = $(CURDIR)/target/release/ld-rs.so
DEMO = target/demo

.PHONY: all check run test test-trees test-tools bench bench-big soak stress fuzz miri lint clean man install uninstall dist deb

# Where things go, by the names of the GNU standards; DESTDIR before all of them. PREFIX is prefix.
PREFIX ?= /usr/local
prefix ?= $(PREFIX)
exec_prefix ?= $(prefix)
bindir ?= $(exec_prefix)/bin
libdir ?= $(exec_prefix)/lib
datarootdir ?= $(prefix)/share
mandir ?= $(datarootdir)/man
completionsdir ?= $(datarootdir)/bash-completion/completions
INSTALL ?= install
STRIP ?= strip
VERSION = $(shell sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)

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

check: test

# Unit tests of what decides, then every claim of testprogs/ and the system's own programs.
test: all
	sh tests/setup.sh
	$(CARGO) test -p ld-rs-plan -p ld-rs-loader -p ld-rs-runtime
	$(CARGO) test -p ld-rs-fuzz
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

# The largest programs, installed or of the tree `tools`, which root gets here with the network and 6 GB, before their
# constructors, and how the cost of a start grows with the number of libraries.
bench-big: all
	[ "$$(id -u)" != 0 ] || tests/trees/fetch tools
	$(CARGO) run --release -q -p ld-rs-tests --bin bench -- gdb clang kwrite inkscape ffmpeg growth $(BENCH)

# 100,000 malformed files in every mode.
soak: all
	$(CARGO) run --release -q -p ld-rs-tests --bin mutants -- --count 100000

# Ten minutes of threads, forks, signals and exceptions against dlopen and dlclose; `make test` has one.
stress: all
	STRESS_MINUTES=10 $(CARGO) test -p ld-rs-tests --test stress -- --test-threads=1 --nocapture

# Fuzzing of what decides: SECONDS=600, TARGETS="elf cache"; findings lie in target/fuzz.
SECONDS ?= 600
fuzz:
	$(CARGO) run --profile fuzz -q -p ld-rs-fuzz --bin fuzz -- $(SECONDS) $(TARGETS)

# plan's unit tests under Miri, which read a file of the system; needs a nightly toolchain with it.
miri:
	MIRIFLAGS=-Zmiri-disable-isolation $(CARGO) +nightly miri test -p ld-rs-plan --lib

# The table of messages, from the code and man/causes.
man:
	man/messages

# The system's own loader is never touched: ours stands beside it, and programs choose it by name.
INSTALLED = $(libdir)/ld-rs.so.1 $(libdir)/ld-rs.so $(bindir)/ldd-rs $(mandir)/man8/ld-rs.so.8 \
  $(mandir)/man1/ldd-rs.1 $(mandir)/man7/ld-rs-messages.7 $(completionsdir)/ld-rs.so $(completionsdir)/ld-rs.so.1 \
  $(completionsdir)/ldd-rs

# In a new file that is then renamed: running programs keep the one they have.
install: all
	$(INSTALL) -d $(foreach file,$(INSTALLED),'$(DESTDIR)$(dir $(file))')
	$(STRIP) --strip-all --keep-symbol=ld_rs_last_error -o '$(DESTDIR)$(libdir)/ld-rs.so.new' $(LDRS)
	chmod 755 '$(DESTDIR)$(libdir)/ld-rs.so.new'
	mv -f '$(DESTDIR)$(libdir)/ld-rs.so.new' '$(DESTDIR)$(libdir)/ld-rs.so.1'
	ln -sfn ld-rs.so.1 '$(DESTDIR)$(libdir)/ld-rs.so'
	ln -sfnr '$(DESTDIR)$(libdir)/ld-rs.so.1' '$(DESTDIR)$(bindir)/ldd-rs'
	$(INSTALL) -m 644 man/ld-rs.so.8 '$(DESTDIR)$(mandir)/man8/ld-rs.so.8'
	$(INSTALL) -m 644 man/ldd-rs.1 '$(DESTDIR)$(mandir)/man1/ldd-rs.1'
	$(INSTALL) -m 644 man/ld-rs-messages.7 '$(DESTDIR)$(mandir)/man7/ld-rs-messages.7'
	$(INSTALL) -m 644 packaging/completion.bash '$(DESTDIR)$(completionsdir)/ld-rs.so'
	ln -sfn ld-rs.so '$(DESTDIR)$(completionsdir)/ld-rs.so.1'
	ln -sfn ld-rs.so '$(DESTDIR)$(completionsdir)/ldd-rs'

# Programs that name ld-rs.so as their interpreter do not start any more.
uninstall:
	rm -f $(foreach file,$(INSTALLED),'$(DESTDIR)$(file)')

# The sources, the same bytes for the same commit.
DIST = ld-rs-$(VERSION)
GIT = git -c safe.directory='$(CURDIR)'
dist:
	mkdir -p target
	$(GIT) ls-files -z | tar --create --null --files-from=- --sort=name --owner=0 --group=0 --numeric-owner \
	  --mtime="@$$($(GIT) log -1 --format=%ct)" --transform='flags=r;s,^,$(DIST)/,' | gzip -9n >target/$(DIST).tar.gz
	@echo target/$(DIST).tar.gz

deb: all
	rm -rf target/deb
	$(MAKE) install DESTDIR='$(CURDIR)/target/deb' prefix=/usr libdir=/usr/lib/x86_64-linux-gnu
	SOURCE_DATE_EPOCH=$$($(GIT) log -1 --format=%ct 2>/dev/null || echo 0) \
	  packaging/deb $(VERSION) target/deb target/ld-rs_$(VERSION)_amd64.deb

lint:
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets -- -D warnings

clean:
	$(CARGO) clean
