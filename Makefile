# The commands a person types; CI calls only these. A comment right above a target is what `make help` says of it.
CARGO ?= cargo
CC ?= cc
LDRS = $(CURDIR)/target/release/ld-rs.so
DEMO = target/demo

.PHONY: all help check run setup test test-trees test-tools test-boot bench bench-big soak stress fuzz miri size lint clean man \
  install uninstall install-system uninstall-system dist deb

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
OBJCOPY ?= objcopy
export INSTALL STRIP OBJCOPY
VERSION = $(shell sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)

# The loader, as target/release/ld-rs.so.
all:
	$(CARGO) build --release

# This list.
help:
	@awk '/^# / { text = text (text == "" ? "" : sprintf("\n%23s", "")) substr($$0, 3); next } \
	  /^[a-z-]+:/ && text != "" { sub(/:.*/, ""); printf "make %-18s%s\n", $$0, text } { text = "" }' Makefile

# Shows it: a program without a libc, with thread-local data in three objects, by both ways of
# starting; then ls.
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

# Says which compilers, linkers and tools the tests lack, and installs them: as root, by apt-get.
setup:
	@sh tests/setup.sh

# The name that the GNU standards give to `make test`.
check: test

SETUP ?= yes

# `make setup`, which says what it installs (SETUP=no: installs nothing); then the unit tests of what
# decides, every claim of testprogs/ and the system's own programs.
test: all
	@SETUP='$(SETUP)' sh tests/setup.sh
	$(CARGO) test -p ld-rs-plan -p ld-rs-loader -p ld-rs-runtime
	$(CARGO) test -p ld-rs-fuzz
	$(CARGO) test -p ld-rs-tests --no-fail-fast

# Debian 11, 12, 13 and sid on ld-rs alone, then every program of this machine, then the claims of musl with the musl of
# each; root, network, 3 GB, half an hour.
test-trees: all
	python3 tests/trees/trees
	LD_RS_RELEASES="trixie sid bullseye" $(CARGO) test -p ld-rs-tests --test releases
	python3 tests/trees/sweep
	for suite in bullseye trixie sid; do tests/trees/musl $$suite || exit; done

# Debian 12, 13 and sid boot in qemu, with ld-rs as their only loader as with their own; root, qemu (installed by
# apt-get), network, 12 GB, an hour or two without KVM. SUITES=trixie boots that one.
test-boot: all
	tests/trees/boot $(SUITES)

# Large programs of Debian 12 (java, node, postgresql, scipy, R, ffmpeg, gdb, valgrind ...), each of
# their libraries and programs; then node, bun, cmake, sqlite3 and others that are built for musl, and libraries for musl in this
# machine's python3.11 and node; root, network, 6 GB, npm, a quarter of an hour.
test-tools: all
	python3 tests/trees/trees tools
	python3 tests/trees/sweep --tree tools
	tests/trees/musl-tools
	tests/trees/musl-sources
	tests/trees/other-libc

# Tables of times, ratios with and without trapped CPUID, faults, system calls, memory and instructions against the system's
# loader; --save keeps them.
bench: all
	$(CARGO) run --release -q -p ld-rs-tests --bin bench -- $(BENCH)

# The largest programs before their constructors, installed or of the tree `tools`, which root gets
# here with the network and 6 GB; and how the cost of a start grows with the number of libraries.
bench-big: all
	[ "$$(id -u)" != 0 ] || tests/trees/fetch tools
	$(CARGO) run --release -q -p ld-rs-tests --bin bench -- gdb clang kwrite inkscape ffmpeg growth $(BENCH)

# 100,000 malformed files in every mode.
soak: all
	$(CARGO) run --release -q -p ld-rs-tests --bin mutants -- --count 100000

# Ten minutes of threads, forks, signals and exceptions against dlopen; `make test` has one.
stress: all
	STRESS_MINUTES=10 $(CARGO) test -p ld-rs-tests --test stress -- --test-threads=1 --nocapture

SECONDS ?= 600

# Fuzzing of what decides: SECONDS=600, TARGETS="elf cache"; findings lie in target/fuzz.
fuzz:
	$(CARGO) run --profile fuzz -q -p ld-rs-fuzz --bin fuzz -- $(SECONDS) $(TARGETS)

# plan's unit tests under Miri; needs a nightly toolchain with it. They read a file of the system.
miri:
	MIRIFLAGS=-Zmiri-disable-isolation $(CARGO) +nightly miri test -p ld-rs-plan --lib

# Largest size of the file as installed, in bytes. Every process maps it, so that growth is paid by each; a change that
# needs more says here what for. From 388,320 by 28 KB: destructors that keep what they need and constructors that may be left
# (4), preload file, LD_DYNAMIC_WEAK, auditors told of and safe files (4 to 8), filters and odd headers (6), sparse files and
# small stacks (4), <dlfcn.h> by the letter (3), executable stacks, `.dynamic`, the GOT and ends of pages. From 415,872 by 45 KB:
# musl (20), GLIBC_TUNABLES of the processor (11), subdirectories of old glibcs (7), lines of LD_DEBUG, l_origin. From 460,880 by
# 53 KB: proof of unknown glibcs and stepping aside (29), what libraries built for musl get (16, of it 4 of names), closing in
# linear time, code of a start where it is fast and not small (4).
SIZE_LIMIT = 514500

# The size of the stripped file and what its sections take; fails above SIZE_LIMIT bytes.
size: all
	@packaging/strip $(LDRS) target/ld-rs.so.stripped
	@size --format=sysv target/ld-rs.so.stripped
	@bytes=$$(wc -c <target/ld-rs.so.stripped); echo "$$bytes bytes, limit $(SIZE_LIMIT)"; [ "$$bytes" -le $(SIZE_LIMIT) ]

# The table of messages, from the code and man/causes; that of rules, from the claims and man/subjects.
man:
	man/messages
	man/rules

# The system's own loader is never touched: ours stands beside it, and programs choose it by name. In a folder that no
# search looks into stands the same file as a system's loader, for containers, and what puts it under trees.
INSTALLED = $(libdir)/ld-rs.so.1 $(libdir)/ld-rs.so $(bindir)/ldd-rs $(mandir)/man8/ld-rs.so.8 \
  $(mandir)/man1/ldd-rs.1 $(mandir)/man7/ld-rs-messages.7 $(mandir)/man7/ld-rs-rules.7 \
  $(completionsdir)/ld-rs.so $(completionsdir)/ld-rs.so.1 $(completionsdir)/ldd-rs \
  $(libdir)/ld-rs/ld-linux-x86-64.so.2 $(libdir)/ld-rs/system

# Into PREFIX=/usr/local, below DESTDIR: as a new file that is then renamed, so that running programs
# keep theirs.
install: all
	$(INSTALL) -d $(foreach file,$(INSTALLED),'$(DESTDIR)$(dir $(file))')
	packaging/strip $(LDRS) '$(DESTDIR)$(libdir)/ld-rs.so.1' ld-rs.so.1
	ln -sfn ld-rs.so.1 '$(DESTDIR)$(libdir)/ld-rs.so'
	ln -sfnr '$(DESTDIR)$(libdir)/ld-rs.so.1' '$(DESTDIR)$(bindir)/ldd-rs'
	packaging/strip $(LDRS) '$(DESTDIR)$(libdir)/ld-rs/ld-linux-x86-64.so.2'
	$(INSTALL) -m 755 packaging/system '$(DESTDIR)$(libdir)/ld-rs/system'
	$(INSTALL) -m 644 man/ld-rs.so.8 '$(DESTDIR)$(mandir)/man8/ld-rs.so.8'
	$(INSTALL) -m 644 man/ldd-rs.1 '$(DESTDIR)$(mandir)/man1/ldd-rs.1'
	$(INSTALL) -m 644 man/ld-rs-messages.7 '$(DESTDIR)$(mandir)/man7/ld-rs-messages.7'
	$(INSTALL) -m 644 man/ld-rs-rules.7 '$(DESTDIR)$(mandir)/man7/ld-rs-rules.7'
	$(INSTALL) -m 644 packaging/completion.bash '$(DESTDIR)$(completionsdir)/ld-rs.so'
	ln -sfn ld-rs.so '$(DESTDIR)$(completionsdir)/ld-rs.so.1'
	ln -sfn ld-rs.so '$(DESTDIR)$(completionsdir)/ldd-rs'

# Removes what `make install` put there; programs that name ld-rs.so do not start any more.
uninstall:
	rm -f $(foreach file,$(INSTALLED),'$(DESTDIR)$(file)')
	rmdir '$(DESTDIR)$(libdir)/ld-rs' 2>/dev/null || :

# In the place of the loader of the system in the folder DESTDIR (of a container, a chroot, an image; / is
# this system), whose own is kept beside it.
install-system: all
	@[ -n '$(DESTDIR)' ] || { echo 'install-system: DESTDIR=FOLDER says which system; / is this one' >&2; exit 1; }
	packaging/strip $(LDRS) target/ld-linux-x86-64.so.2
	packaging/system install '$(DESTDIR)' target/ld-linux-x86-64.so.2

# Brings that system's own loader back.
uninstall-system:
	@[ -n '$(DESTDIR)' ] || { echo 'uninstall-system: DESTDIR=FOLDER says which system; / is this one' >&2; exit 1; }
	packaging/system uninstall '$(DESTDIR)'

DIST = ld-rs-$(VERSION)
GIT = git -c safe.directory='$(CURDIR)'

# An archive of the sources, the same bytes for the same commit.
dist:
	mkdir -p target
	$(GIT) ls-files -z | tar --create --null --files-from=- --sort=name --owner=0 --group=0 --numeric-owner \
	  --mtime="@$$($(GIT) log -1 --format=%ct)" --transform='flags=r;s,^,$(DIST)/,' | gzip -9n >target/$(DIST).tar.gz
	@echo target/$(DIST).tar.gz

# A Debian package, target/ld-rs_VERSION_amd64.deb, of what `make install` installs.
deb: all
	rm -rf target/deb
	$(MAKE) install DESTDIR='$(CURDIR)/target/deb' prefix=/usr libdir=/usr/lib/x86_64-linux-gnu
	SOURCE_DATE_EPOCH=$$($(GIT) log -1 --format=%ct 2>/dev/null || echo 0) \
	  packaging/deb $(VERSION) target/deb target/ld-rs_$(VERSION)_amd64.deb

# Formatting, and clippy's warnings as errors.
lint:
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets -- -D warnings

# Removes target/, with the trees that test-trees and bench-big fetched.
clean:
	$(CARGO) clean
