// What the seeds of tests/src/mutants have in common: every file of theirs prints a line when its
// code first runs, so that a run tells how far it came. A raw system call, for nothing but the
// object itself need be relocated for it.
#ifndef TRACE_H
#define TRACE_H

#include "free.h"

#define say(text) ((void)syscall3(__NR_write, 1, text, sizeof(text) - 1))

// What libbase.so offers.
struct table {
    const char *name;
    int (*first)(int);
    int *where;
    struct table *next;
};
int twice(int);
int chosen(int);
int count(void);
extern int shared[4];
extern struct table *const tables[2];
extern __thread int counter;

// What libmiddle.so offers.
int sum(int);
int local_sum(void);

#endif
