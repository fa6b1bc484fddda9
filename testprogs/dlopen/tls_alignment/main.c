//@ about: TLS of alignment 4096 and 64 in opened objects, dynamic and initial-exec, is aligned in every thread.
//@ axes: ld=bfd,lld,mold,gold
//@ libc: glibc,musl
//@ build: liba.so = ../parts/tls.c -DWHO=a -DALIGN=4096
//@ build: prog = main.c -pthread
//@ stdout: ok

#include "../parts/tls_threads.h"

int main(void)
{
    tls_in_all_threads("liba.so", "a");
}
