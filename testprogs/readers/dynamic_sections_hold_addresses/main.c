//@ about: In a process with glibc the tables that a dynamic section names are named by their addresses in memory: in the program, libraries, ld.so, opened objects; not in the vdso
//@ axes: ld=bfd,lld pie=pie,nopie
//@ libc: glibc
//@ build: libboth.so = lib.c -Wl,--hash-style=both -Wl,-z,lazy
//@ build: libsysv.so = lib.c -Wl,--hash-style=sysv -Wl,-z,now
//@ build: libopened.so = lib.c -Wl,--hash-style=both -DOPENED -Wl,-z,lazy
//@ build: librelr.so = lib.c -Wl,-z,pack-relative-relocs
//@ build: prog = main.c -Wl,--no-as-needed -l:libboth.so -l:libsysv.so
//@ elf: libboth.so has HASH GNU_HASH PLTGOT STRTAB SYMTAB RELA JMPREL VERSYM
//@ elf: librelr.so has RELR
//@ stdout: ok

#include "../parts/dynamic.h"

static const struct r_debug *debug;

static void check_all(const char *opened)
{
    int seen = 0;
    for (struct link_map *map = debug->r_map; map; map = map->l_next) {
        if (strstr(map->l_name, "linux-vdso")) {
            check(value_of(map->l_ld, DT_STRTAB) < map->l_addr);
            continue;
        }
        const char *path = *map->l_name ? map->l_name : program_invocation_name;
        check_relocated(path, map->l_ld, map->l_addr, 4);
        seen += path == program_invocation_name || ends_with(path, "/libboth.so") || ends_with(path, "/libsysv.so") ||
                ends_with(path, "/libc.so.6") || strstr(path, "/ld-") || ends_with(path, opened);
    }
    check(seen >= 5 + (*opened == '/'));
}

int main(void)
{
    debug = (const struct r_debug *)value_of(_DYNAMIC, DT_DEBUG);
    check_all("none");
    opened("./libopened.so", RTLD_LAZY);
    opened("./librelr.so", RTLD_NOW);
    check_all("/libopened.so");
    check(!dlopen("./missing.so", RTLD_NOW));
    closed(opened("./libopened.so", RTLD_LAZY));
    check_all("/librelr.so");
    say("ok\n");
}
