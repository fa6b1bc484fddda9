//@ about: The program, an ordinary PIE or ET_EXEC, reaches its own variables by TLSDESC code that mold left alone.
//@ axes: cc=gcc,clang ld=bfd,lld,mold,gold opt=-O0,-O2 pie=pie,nopie
//@ libc: none,musl
//@ skip: ld=bfd : --no-relax stops TLS relaxation in mold only; unrelaxed with this linker is desc_main
//@ skip: ld=lld : --no-relax stops TLS relaxation in mold only; unrelaxed with this linker is desc_main
//@ skip: ld=gold : --no-relax stops TLS relaxation in mold only; unrelaxed with this linker is desc_main
//@ skip: cc=clang : clang 14 emits no TLSDESC for x86-64
//@ build: prog = main.c ../parts/defines.c -DWHO=own -fPIC -mtls-dialect=gnu2 -Wl,--no-relax
//@ elf: prog has R_X86_64_TLSDESC
//@ stdout: ok

#include "per_thread.h"
#include "start.h"

extern __thread int counter, blank;
static int *here_counter(void) { return &counter; }
static int *here_blank(void) { return &blank; }

way own_counter, own_blank;

int main(int argc, char **argv, char **envp)
{
    (void)argc, (void)argv, (void)envp;
    way *const counters[] = {own_counter, here_counter, NULL};
    way *const blanks[] = {own_blank, here_blank, NULL};
    check_per_thread(counters, 123);
    check_per_thread(blanks, 0);
    print("ok\n");
    return 0;
}
