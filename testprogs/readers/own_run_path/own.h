#include "../parts/dynamic.h"

static const char *text_of(const ElfW(Dyn) *section, long tag)
{
    return (const char *)value_of(section, DT_STRTAB) + value_of(section, tag);
}
