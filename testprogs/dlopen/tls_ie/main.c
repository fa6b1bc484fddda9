//@ about: Initial-exec variables of an opened library: own fresh images in threads old and new and the initial one, at each opening.
//@ axes: cc=gcc,clang ld=bfd,lld,mold,gold opt=-O0,-O2
//@ libc: glibc
//@ build: liba.so = ../parts/tls.c -DWHO=a -ftls-model=initial-exec
//@ build: prog = main.c -pthread
//@ elf: liba.so has R_X86_64_TPOFF64 STATIC_TLS
//@ stdout: ok

#include "../parts/tls_threads.h"

int main(void)
{
    tls_in_all_threads("liba.so", "a");
}
