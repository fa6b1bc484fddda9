//@ about: Each of two libraries reaches its static variables by TLSDESC code.
//@ axes: cc=gcc,clang ld=bfd,lld,mold,gold opt=-O0,-O2 pie=pie,nopie
//@ libc: none,musl
//@ skip: cc=clang : clang 14 emits no TLSDESC for x86-64
//@ build: liba.so = ../parts/keeps.c -DWHO=a -fPIC -mtls-dialect=gnu2
//@ build: libb.so = ../parts/keeps.c -DWHO=b -fPIC -mtls-dialect=gnu2
//@ build: prog = main.c -l:liba.so -l:libb.so
//@ elf: liba.so has R_X86_64_TLSDESC
//@ elf: liba.so lacks R_X86_64_TPOFF64 R_X86_64_DTPMOD64 R_X86_64_DTPOFF64
//@ elf: libb.so has R_X86_64_TLSDESC
//@ elf: libb.so lacks R_X86_64_TPOFF64 R_X86_64_DTPMOD64 R_X86_64_DTPOFF64
//@ stdout: ok

#include "per_thread.h"
#include "start.h"

way a_counter, a_blank, b_counter, b_blank;

int main(int argc, char **argv, char **envp)
{
    (void)argc, (void)argv, (void)envp;
    way *const a_counters[] = {a_counter, NULL};
    way *const a_blanks[] = {a_blank, NULL};
    way *const b_counters[] = {b_counter, NULL};
    way *const b_blanks[] = {b_blank, NULL};
    check(a_counter() != b_counter() && a_blank() != b_blank());
    check_per_thread(a_counters, 123);
    check_per_thread(a_blanks, 0);
    check_per_thread(b_counters, 123);
    check_per_thread(b_blanks, 0);
    print("ok\n");
    return 0;
}
