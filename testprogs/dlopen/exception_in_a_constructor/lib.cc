#include <cstdio>
void throws();
__attribute__((constructor)) static void catches()
{
    try {
        throws();
    } catch (const char *text) {
        dprintf(1, "caught in a constructor: %s\n", text);
    }
}
