//@ about: Variables of an opened library by TLS descriptors: own fresh images in threads old and new and the initial one, at each opening.
//@ axes: ld=bfd,lld,mold,gold opt=-O0,-O2
//@ libc: glibc,musl
//@ build: liba.so = ../parts/tls.c -DWHO=a -mtls-dialect=gnu2
//@ build: prog = main.c -pthread
//@ elf: liba.so has R_X86_64_TLSDESC
//@ stdout: ok

#include "../parts/tls_threads.h"

int main(void)
{
    tls_in_all_threads("liba.so", "a");
}
