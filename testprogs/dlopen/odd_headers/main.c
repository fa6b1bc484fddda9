//@ about: libraries whose headers say more than mapping needs are opened: p_align of 2 MiB, of 3 and of 0x1800, bss alone with an offset behind the file's end, no DT_NULL, an empty hash table; one of debug information alone has no dynamic section
//@ rule: p_filesz: Of a PT_LOAD without bytes in the file the offset says nothing.
//@ rule: DT_NULL: The end of PT_DYNAMIC is an end too.
//@ rule: DT_HASH DT_GNU_HASH: A table without buckets is empty.
//@ rule: PT_NULL: Ignored.
//@ rule: PT_DYNAMIC: One without bytes in the file is none: such a library is refused.
//@ libc: glibc
//@ build: liba.so = lib.c -DVALUE=1
//@ build: libb.so = lib.c -DVALUE=2
//@ build: libc3.so = lib.c -DVALUE=3
//@ build: libd.so = lib.c -DVALUE=4 -Wl,--spare-dynamic-tags=0
//@ build: libe.so = empty.c -Wl,--hash-style=sysv -g
//@ build: libf.so = empty.c -Wl,--hash-style=gnu
//@ build: libz.so = lib.c -DVALUE=6 -DBSS=3000000 -Wl,-z,norelro
//@ build: prog = main.c
//@ sh: sh $SRC/../../parts/phdr.sh liba.so 1,1 p_align 0x200000; sh $SRC/../../parts/phdr.sh libb.so 1 p_align 3; sh $SRC/../../parts/phdr.sh libc3.so 1,2 p_align 0x1800
//@ sh: objcopy --only-keep-debug libe.so libe.debug
//@ sh: perl $SRC/nobuckets.pl libe.so .hash 0; perl $SRC/nobuckets.pl libf.so .gnu.hash 0
//@ sh: cp liba.so libn.so; sh $SRC/../../parts/phdr.sh libn.so 0x6474e551 p_type 0 p_vaddr 0xffffffffffffffff

#include "../parts/dl.h"

int main(void)
{
    const char *names[] = {"./liba.so", "./libb.so", "./libc3.so", "./libd.so", "./libn.so", "./libz.so"};
    const int values[] = {1, 2, 3, 4, 1, 6};
    for (int at = 0; at < 6; at++)
        check_eq(((int (*)(void))found(opened(names[at], RTLD_NOW), "value"))(), values[at]);
    check(absent(opened("./libe.so", RTLD_NOW), "nothing"));
    check(absent(opened("./libf.so", RTLD_NOW), "nothing"));
    check(!dlopen("./libe.debug", RTLD_NOW));
    check_text(dlerror(), "./libe.debug: object file has no dynamic section");
}
