#include "free.h"

__attribute__((constructor)) static void begin(void)
{
    print("liba.so begins\n");
}
__attribute__((destructor)) static void end(void)
{
    print("liba.so ends\n");
}
int count(void)
{
    static int calls;
    return ++calls;
}
