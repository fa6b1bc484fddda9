//@ about: Local-dynamic variables of an opened library: own fresh images in threads old and new and the initial one, at each opening.
//@ axes: cc=gcc,clang ld=bfd,lld,mold,gold opt=-O0,-O2
//@ libc: glibc,musl
//@ build: liba.so = ../parts/tls.c -DWHO=a -DVISIBLE="hidden" -ftls-model=local-dynamic
//@ build: prog = main.c -pthread
//@ elf: liba.so has R_X86_64_DTPMOD64
//@ elf: liba.so lacks R_X86_64_DTPOFF64
//@ stdout: ok

#include "../parts/tls_threads.h"

int main(void)
{
    tls_in_all_threads("liba.so", "a");
}
