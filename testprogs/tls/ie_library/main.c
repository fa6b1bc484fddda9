//@ about: A library reaches its own exported variables by initial-exec code.
//@ axes: cc=gcc,clang ld=bfd,lld,mold,gold opt=-O0,-O2 pie=pie,nopie
//@ libc: none,musl
//@ build: liba.so = ../parts/defines.c -DWHO=a -fPIC -ftls-model=initial-exec
//@ build: prog = main.c -l:liba.so
//@ elf: liba.so has R_X86_64_TPOFF64 STATIC_TLS
//@ elf: liba.so lacks R_X86_64_DTPMOD64 R_X86_64_DTPOFF64 R_X86_64_TLSDESC
//@ stdout: ok

#include "per_thread.h"
#include "start.h"

way a_counter, a_blank;

int main(int argc, char **argv, char **envp)
{
    (void)argc, (void)argv, (void)envp;
    way *const counters[] = {a_counter, NULL};
    way *const blanks[] = {a_blank, NULL};
    check_per_thread(counters, 123);
    check_per_thread(blanks, 0);
    print("ok\n");
    return 0;
}
