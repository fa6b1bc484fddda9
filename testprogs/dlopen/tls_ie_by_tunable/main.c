//@ about: A library whose initial-exec block is larger than the spare static TLS opens where glibc.rtld.optional_static_tls makes room for it
//@ rule: GLIBC_TUNABLES: glibc.rtld.optional_static_tls is not needed: initial-exec blocks of any size have room.
//@ libc: glibc
//@ build: liba.so = ../parts/tls.c -DWHO=a -DSIZE=100000 -ftls-model=initial-exec
//@ build: prog = main.c -pthread
//@ elf: liba.so has R_X86_64_TPOFF64
//@ env: GLIBC_TUNABLES=glibc.rtld.optional_static_tls=200000
//@ stdout: ok

#include "../parts/tls_threads.h"

int main(void)
{
    tls_in_all_threads("liba.so", "a");
}
