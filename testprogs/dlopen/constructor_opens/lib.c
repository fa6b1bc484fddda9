#include "../parts/dl.h"

void *handle;
__attribute__((constructor)) static void begin(void)
{
    say("%s begins\n", WHO);
    handle = opened(OPENS, RTLD_NOW);
    say("%s has %s\n", WHO, OPENS);
}
__attribute__((destructor)) static void end(void)
{
    say("%s ends\n", WHO);
    closed(handle);
    say("%s has closed\n", WHO);
}
