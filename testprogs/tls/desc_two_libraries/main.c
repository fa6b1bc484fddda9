//@ about: Two libraries share variables that one of them defines; both reach them by TLSDESC code.
//@ axes: cc=gcc,clang ld=bfd,lld,mold,gold opt=-O0,-O2 pie=pie,nopie
//@ libc: none,musl
//@ skip: cc=clang : clang 14 emits no TLSDESC for x86-64
//@ build: liba.so = ../parts/defines.c -DWHO=a -fPIC -mtls-dialect=gnu2
//@ build: libb.so = ../parts/uses.c -DWHO=b -fPIC -mtls-dialect=gnu2 -l:liba.so
//@ build: prog = main.c -l:libb.so -l:liba.so
//@ elf: liba.so has R_X86_64_TLSDESC
//@ elf: liba.so lacks R_X86_64_TPOFF64 R_X86_64_DTPMOD64 R_X86_64_DTPOFF64
//@ elf: libb.so has R_X86_64_TLSDESC
//@ elf: libb.so lacks R_X86_64_TPOFF64 R_X86_64_DTPMOD64 R_X86_64_DTPOFF64
//@ stdout: ok

#include "per_thread.h"
#include "start.h"

way a_counter, a_blank, b_uses_counter, b_uses_blank;

int main(int argc, char **argv, char **envp)
{
    (void)argc, (void)argv, (void)envp;
    way *const counters[] = {a_counter, b_uses_counter, NULL};
    way *const blanks[] = {a_blank, b_uses_blank, NULL};
    check_per_thread(counters, 123);
    check_per_thread(blanks, 0);
    print("ok\n");
    return 0;
}
