#include "free.h"

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define NONE
#define ONE(x)                                                                               \
    extern int x##_ready;                                                                    \
    check(x##_ready);

int JOIN(NAME, _ready);

__attribute__((constructor)) static void ready(void)
{
    NEEDS
    JOIN(NAME, _ready)++;
    check_eq(JOIN(NAME, _ready), 1);
}
