// The program of a generated workload: every library has a walk that adds up what its imports
// point to, and the sum of all tells whether each was bound to the right definition.
#include "start.h"

typedef unsigned long walk(void);
extern walk *const walks[] __attribute__((visibility("hidden"))); // ends with NULL

int main(int argc, char **argv, char **envp)
{
    (void)argc, (void)argv, (void)envp;
    unsigned long sum = 0;
    for (walk *const *w = walks; *w; w++)
        sum = sum * 5 + (*w)();
    print("%x\n", sum);
    // Not by way of the loader's finalisers: glibc's expect a libc.
    exit_group(0);
}
