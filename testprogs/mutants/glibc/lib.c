// A library of the seed that has a libc.
#include "../parts/trace.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static __thread char line[64] = "library";
char *library_line(void)
{
    errno = 0;
    char *copy = malloc(sizeof line);
    strcpy(copy, line);
    strcat(copy, getenv("SEED"));
    return copy;
}

__attribute__((constructor)) static void construct(void) { say("constructor of lib\n"); }
__attribute__((destructor)) static void destruct(void) { say("destructor of lib\n"); }
