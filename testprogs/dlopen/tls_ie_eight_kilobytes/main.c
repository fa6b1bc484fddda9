//@ about: An initial-exec block of 8 KiB, more than any surplus, opens with threads running.
//@ axes: ld=bfd,mold
//@ libc: glibc
//@ build: liba.so = ../parts/tls.c -DWHO=a -DSIZE=8192 -ftls-model=initial-exec
//@ build: prog = main.c -pthread
//@ elf: liba.so has R_X86_64_TPOFF64
//@ stdout: ok
//@ oracle: differs: glibc says "cannot allocate memory in static TLS block"

#include "../parts/tls_threads.h"

int main(void)
{
    tls_in_all_threads("liba.so", "a");
}
