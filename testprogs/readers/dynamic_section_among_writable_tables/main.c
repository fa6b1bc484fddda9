//@ about: A dynamic section before, between and behind tables that lie in its own writable segment names them by addresses too, and their contents stay those of the file
//@ axes: opt=-O2
//@ libc: glibc
//@ sh: for at in FIRST SECOND THIRD; do sed "s/$at/.dynamic : { *(.dynamic) } :data :dynamic/; /^    [A-Z]*$/d" $SRC/lib.ld >$at.ld; done
//@ build: liba.so = lib.c -Wl,-T,FIRST.ld -Wl,--no-eh-frame-hdr -Wl,--hash-style=both -Dwho=a
//@ build: libb.so = lib.c -Wl,-T,SECOND.ld -Wl,--no-eh-frame-hdr -Wl,--hash-style=both -Dwho=b
//@ build: libc1.so = lib.c -Wl,-T,THIRD.ld -Wl,--no-eh-frame-hdr -Wl,--hash-style=sysv -Dwho=c1
//@ build: prog = main.c -Wl,--no-as-needed -l:liba.so
//@ stdout: ok

#include "../parts/dynamic.h"

static void is_right(const char *name, const char *function)
{
    struct link_map *map = opened(name, RTLD_NOW);
    check_relocated(name, map->l_ld, map->l_addr, 4);
    check_eq(((int (*)(int))found(map, function))(2), 44);
}

int main(void)
{
    is_right("liba.so", "a");
    is_right("libb.so", "b");
    is_right("libc1.so", "c1");
    say("ok\n");
}
