#include <stdlib.h>

static int base = 42;
int *place = &base;

int who(int more)
{
    return *place + abs(-more);
}
