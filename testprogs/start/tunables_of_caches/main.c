//@ about: Sizes and thresholds in GLIBC_TUNABLES reach libc's memcpy and memset by the table that its loader fills; the last value of a name counts, and one out of bounds for nothing
//@ rule: GLIBC_TUNABLES: glibc.cpu.x86_data_cache_size, x86_shared_cache_size, x86_non_temporal_threshold, x86_memset_non_temporal_threshold, x86_rep_movsb_threshold and x86_rep_stosb_threshold are the libc's thresholds.
//@ libc: glibc
//@ build: prog = main.c
//@ stdout: ok

#include "../../parts/again.h"
#include <elf.h>

// The table is as long as its symbol says.
static const char *table(size_t *size)
{
    void *place = found(RTLD_DEFAULT, "_rtld_global_ro");
    Dl_info info;
    const ElfW(Sym) *symbol;
    check(dladdr1(place, &info, (void **)&symbol, RTLD_DL_SYMENT) && symbol);
    *size = symbol->st_size;
    return (const char *)place;
}

static bool has(const unsigned long *words, size_t count)
{
    size_t size;
    const char *bytes = table(&size);
    for (size_t i = 0; i + count * 8 <= size; i += 8)
        if (memcmp(bytes + i, words, count * 8) == 0)
            return true;
    return false;
}

int main(int argc, char **argv)
{
    (void)argc;
    static char text[] = "GLIBC_TUNABLES=glibc.cpu.x86_data_cache_size=1:glibc.cpu.x86_data_cache_size=0x123400:"
                         "glibc.cpu.x86_shared_cache_size=0x567000:glibc.cpu.x86_non_temporal_threshold=0x789000:"
                         "glibc.cpu.x86_rep_movsb_threshold=0x54321:glibc.cpu.x86_rep_stosb_threshold=0x65432";
    static char wrong[] = "GLIBC_TUNABLES=glibc.cpu.x86_data_cache_size=0:glibc.cpu.x86_non_temporal_threshold=0x4040:"
                          "glibc.cpu.x86_rep_movsb_threshold=0x77:glibc.cpu.x86_rep_stosb_threshold=0";
    const unsigned long sizes[] = {0x123400, 0x567000, 0x789000}, movsb = 0x54321, stosb = 0x65432;
    const unsigned long small = 0x4040, few = 0x77;
    const char *now = getenv("GLIBC_TUNABLES");
    if (!now) {
        check(!has(sizes, 3) && !has(&movsb, 1) && !has(&stosb, 1));
        char *variables[] = {text, NULL};
        again(argv, variables);
    } else if (strcmp(now, strchr(text, '=') + 1) == 0) {
        check(has(sizes, 3) && has(&movsb, 1) && has(&stosb, 1));
        char *variables[] = {wrong, NULL};
        again(argv, variables);
    }
    check(!has(sizes, 1) && !has(&small, 1) && !has(&few, 1));
    say("ok\n");
}
