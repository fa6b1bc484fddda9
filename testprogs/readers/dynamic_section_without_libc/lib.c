#include <link.h>

extern const ElfW(Dyn) own[] __asm__("_DYNAMIC") __attribute__((visibility("hidden")));

const ElfW(Dyn) *section_of_the_library(void)
{
    return own;
}
