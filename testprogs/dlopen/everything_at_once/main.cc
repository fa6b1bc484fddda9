//@ about: For some seconds six threads open and close a graph of libraries whose constructors and destructors open and close others, throw, fork, spawn and end their threads; then one calls exit() among the others, or all are joined and nothing is left. No process faults, none hangs.
//@ axes: opt=-O2
//@ libc: glibc
//@ sh: sh $SRC/graph.sh "$CC $CFLAGS"
//@ build: prog = main.cc -rdynamic -pthread
//@ run: 4 tdcfsp 12
//@ stdout: ok
//@ oracle: no: glibc's lock stays taken where a constructor is left, and its child of fork finds tables half changed

#include "storm.h"
