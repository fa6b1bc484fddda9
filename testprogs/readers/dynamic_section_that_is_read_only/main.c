//@ about: A dynamic section that is read-only stays as it is in the file, and libc finds the symbols of its object all the same
//@ axes: ld=lld
//@ libc: glibc
//@ build: librodynamic.so = lib.c -Wl,-z,rodynamic
//@ build: libopened.so = lib.c -Wl,-z,rodynamic -Wl,--hash-style=both
//@ build: prog = main.c -l:librodynamic.so -Wl,-z,rodynamic
//@ stdout: ok

#include "../parts/dynamic.h"
#include <execinfo.h>

void *place_in_library(void);

static void check_object(void *address)
{
    Dl_info info;
    struct link_map *map;
    check(dladdr1(address, &info, (void **)&map, RTLD_DL_LINKMAP));
    check_text(info.dli_sname, "place_in_library");
    check_eq(relocated_entries(info.dli_fname, map->l_ld, map->l_addr), 0);
    // By l_info, in libc.
    char **names = must(backtrace_symbols(&address, 1));
    check(strstr(names[0], "(place_in_library"));
    free(names);
}

int main(void)
{
    check_eq(relocated_entries(program_invocation_name, _DYNAMIC, 0), 0);
    check_object(place_in_library());
    void *handle = opened("./libopened.so", RTLD_NOW);
    check_object(((void *(*)(void))found(handle, "place_in_library"))());
    say("ok\n");
}
