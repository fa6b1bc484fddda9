// Without calls: nothing but the object's own relative words need be there.
#include <link.h>

extern const ElfW(Ehdr) __ehdr_start __attribute__((visibility("hidden")));
extern const ElfW(Dyn) own[] __asm__("_DYNAMIC") __attribute__((visibility("hidden")));

static int absolute(void)
{
    return 1;
}

static int relative(void)
{
    return 0;
}

static int (*choose(void))(void)
{
    int seen = 0, right = 0;
    for (const ElfW(Dyn) *entry = own; entry->d_tag != DT_NULL; entry++)
        if (entry->d_tag == DT_STRTAB || entry->d_tag == DT_SYMTAB || entry->d_tag == DT_GNU_HASH) {
            seen++;
            right += entry->d_un.d_ptr > (ElfW(Addr)) & __ehdr_start;
        }
    return seen == 3 && right == 3 ? absolute : relative;
}

int symbols_found(void) __attribute__((ifunc("choose")));
