#include <stdlib.h>
#include <string.h>
static char *early;
__attribute__((constructor)) static void begins(void) { early = malloc(10); }
char *of_the_library(void)
{
    free(early);
    return strdup("text");
}
