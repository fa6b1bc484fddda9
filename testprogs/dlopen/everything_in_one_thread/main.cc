//@ about: One thread opens and closes a graph of libraries whose constructors open and close others, throw through one dlopen or several, and fork; each round leaves nothing open, and ends by exit().
//@ axes: opt=-O2
//@ libc: glibc
//@ sh: sh $SRC/../everything_at_once/graph.sh "$CC $CFLAGS"
//@ build: prog = main.cc -rdynamic -pthread
//@ run: 2 cfs 12
//@ stdout: ok

#include "../everything_at_once/storm.h"
