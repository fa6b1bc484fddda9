#include <string.h>
#include <sys/platform/x86.h>

// Every leaf of 2.36: what the CPU says, then what a program may use.
enum { LEAVES = 9 };
static struct cpuid_feature seen[LEAVES];

static int compare(void)
{
    for (int leaf = 0; leaf < LEAVES; leaf++)
        if (memcmp(__x86_get_cpuid_feature_leaf(leaf), &seen[leaf], sizeof seen[leaf]))
            return 0;
    return 1;
}

// Called while the library is relocated.
static int (*resolve(void))(void)
{
    for (int leaf = 0; leaf < LEAVES; leaf++)
        seen[leaf] = *__x86_get_cpuid_feature_leaf(leaf);
    return compare;
}

int chosen(void) __attribute__((ifunc("resolve")));

// Its slot for the function is bound, by dlopen, after the one for libc's.
int are_the_same(void)
{
    return chosen();
}
