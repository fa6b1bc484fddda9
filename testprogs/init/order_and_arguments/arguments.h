#ifdef LIBRARY
#include "free.h"
#else
#include "start.h"
#endif

static void check_arguments(int argc, char **argv, char **envp)
{
    check_eq(argc, 3);
    check(same(argv[0], "./prog") && same(argv[1], "one") && same(argv[2], "two") && !argv[3]);
    check_eq(envp, argv + argc + 1);
    int found = 0;
    for (char **e = envp; *e; e++)
        found += same(*e, "GREETING=hello");
    check_eq(found, 1);
}
