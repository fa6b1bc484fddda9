//@ about: Initial-exec TLS of alignment 64, too large for the surplus, is aligned in every thread, old ones too.
//@ axes: ld=bfd,lld,mold,gold
//@ libc: glibc
//@ build: liba.so = ../parts/tls.c -DWHO=a -DALIGN=64 -DSIZE=10000 -ftls-model=initial-exec
//@ build: prog = main.c -pthread
//@ stdout: ok
//@ oracle: differs: glibc says "cannot allocate memory in static TLS block"

#include "../parts/tls_threads.h"

int main(void)
{
    tls_in_all_threads("liba.so", "a");
}
