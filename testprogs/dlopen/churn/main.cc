//@ about: For five seconds eight threads open and close 24 TLS libraries while others start and end threads that touch them, throw exceptions, walk dl_iterate_phdr, fail to open others and get signals of a timer that touch TLS of each model.
//@ axes: opt=-O2
//@ libc: glibc
//@ sh: for i in $(seq 24); do model=$(echo "-ftls-model=global-dynamic -ftls-model=local-dynamic -mtls-dialect=gnu2 -ftls-model=initial-exec" | cut -d' ' -f$((i % 4 + 1))); $CC $CFLAGS $model -shared -fPIC -DWHO=m$i -DSIZE=$((i * 300)) $SRC/../parts/tls.c -o libm$i.so; done
//@ build: libkept1.so = ../parts/tls.c -DWHO=kept1
//@ build: libkept2.so = ../parts/tls.c -DWHO=kept2 -DVISIBLE="hidden" -ftls-model=local-dynamic
//@ build: libkept3.so = ../parts/tls.c -DWHO=kept3 -mtls-dialect=gnu2
//@ build: libkept4.so = ../parts/tls.c -DWHO=kept4 -DSIZE=100000 -ftls-model=initial-exec
//@ build: libbroken.so = broken.c
//@ build: prog = main.cc -pthread
//@ run: 5
//@ stdout: ok
//@ oracle: no: glibc's first touch in a signal handler calls malloc and may deadlock

#include "churn.h"
