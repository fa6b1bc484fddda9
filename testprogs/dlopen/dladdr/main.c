//@ about: dladdr names object and nearest symbol of an address in an opened library, the program and libc, with size and link_map by dladdr1; after dlclose it knows nothing of it.
//@ libc: glibc
//@ build: liba.so = ../parts/speaks.c -DWHO=a -DSILENT
//@ build: prog = main.c -rdynamic
//@ stdout: ok

#include "../parts/dl.h"

int exported[4];
static int hidden[4];

int main(void)
{
    Dl_info info;
    void *a = opened("liba.so", RTLD_NOW);
    char *f = (char *)found(a, "a"), *count = (char *)found(a, "a_count");
    check(dladdr(f + 2, &info));
    check(ends_with(info.dli_fname, "/liba.so"));
    check_text(info.dli_sname, "a");
    check_eq(info.dli_saddr, f);
    check_eq(memcmp(info.dli_fbase, ELFMAG, SELFMAG), 0);
    check(dladdr(count, &info));
    check_text(info.dli_sname, "a_count");

    const ElfW(Sym) *symbol = NULL;
    check(dladdr1(count, &info, (void **)&symbol, RTLD_DL_SYMENT));
    check(symbol && symbol->st_size == sizeof(int) && ELF64_ST_TYPE(symbol->st_info) == STT_OBJECT);
    struct link_map *map = NULL;
    check(dladdr1(f, &info, (void **)&map, RTLD_DL_LINKMAP));
    check_eq(map, a);
    check(ends_with(map->l_name, "/liba.so"));
    check_eq(map->l_addr, (char *)info.dli_fbase);

    check(dladdr(&exported[1], &info));
    check_text(info.dli_sname, "exported");
    check_text(info.dli_fname, "./prog");
    check(dladdr((void *)main, &info));
    check_text(info.dli_sname, "main");
    check(dladdr(&hidden[0], &info));
    check(info.dli_saddr != hidden);
    check(dladdr(found(RTLD_DEFAULT, "malloc"), &info));
    check(strstr(info.dli_fname, "libc.so.6"));
    check_text(info.dli_sname, "malloc");
    int on_the_stack;
    check(!dladdr(&on_the_stack, &info));
    check(!dladdr(NULL, &info));
    closed(a);
    check(!dladdr(f, &info));
    say("ok\n");
}
