//@ about: Six threads open and close a graph of libraries whose constructors open and close others, while programs are started that do so too; then one calls exit() among the others, or all are joined and nothing is left.
//@ axes: opt=-O2
//@ libc: glibc
//@ sh: sh $SRC/../everything_at_once/graph.sh "$CC $CFLAGS"
//@ build: prog = main.cc -rdynamic -pthread
//@ run: 2 ts 12
//@ stdout: ok

#include "../everything_at_once/storm.h"
