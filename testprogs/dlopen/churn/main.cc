//@ about: For five seconds eight threads open and close 24 TLS libraries while others start and end threads that touch them, throw exceptions, walk dl_iterate_phdr and get signals that touch TLS.
//@ axes: opt=-O2
//@ libc: glibc
//@ sh: for i in $(seq 24); do model=$(echo "-ftls-model=global-dynamic -ftls-model=local-dynamic -mtls-dialect=gnu2 -ftls-model=initial-exec" | cut -d' ' -f$((i % 4 + 1))); $CC $CFLAGS $model -shared -fPIC -DWHO=m$i -DSIZE=$((i * 300)) $SRC/../parts/tls.c -o libm$i.so; done
//@ build: libkept.so = ../parts/tls.c -DWHO=kept
//@ build: prog = main.cc -pthread
//@ run: 5
//@ stdout: ok
//@ oracle: no: glibc's first touch in a signal handler calls malloc and may deadlock

#include "churn.h"
