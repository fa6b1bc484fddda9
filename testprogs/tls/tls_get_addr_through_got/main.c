//@ about: __tls_get_addr called through the GOT (-fno-plt, GLOB_DAT) instead of the PLT.
//@ axes: cc=gcc,clang ld=bfd,lld,mold,gold opt=-O0,-O2
//@ libc: none,musl
//@ build: liba.so = ../parts/defines.c -DWHO=a -fno-plt
//@ build: prog = main.c -l:liba.so
//@ sh: readelf -Wr liba.so | grep 'R_X86_64_GLOB_DAT.*__tls_get_addr'
//@ none elf: liba.so lacks R_X86_64_JUMP_SLOT
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
