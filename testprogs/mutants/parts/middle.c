// libmiddle.so: needs libbase.so for calls, data, TLS and a copy of its pointers.
#include "trace.h"

static int *const cells[] = {&shared[0], &shared[3]};
static int (*const calls[])(int) = {twice, chosen};
static __thread int one = 1, two = 2;
__thread int own __attribute__((tls_model("initial-exec"))) = 3;

int local_sum(void) { return one++ + two++ + own; }

int sum(int x)
{
    int all = x + *cells[0] + *cells[1];
    for (unsigned i = 0; i < 2; i++)
        all += calls[i](x);
    for (const struct table *at = tables[0]; at; at = at->next)
        all += at->first(*at->where);
    return all + counter;
}

__attribute__((constructor)) static void construct(void) { say("constructor of middle\n"); }
__attribute__((destructor)) static void destruct(void) { say("destructor of middle\n"); }
