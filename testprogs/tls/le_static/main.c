//@ about: Two sources of the program each reach a static variable of the same name by local-exec code.
//@ axes: cc=gcc,clang ld=bfd,lld,mold,gold opt=-O0,-O2 pie=pie,nopie
//@ libc: none,musl
//@ build: prog = main.c ../parts/keeps.c -DWHO=own -ftls-model=local-exec
//@ elf: prog has TLS
//@ elf: prog lacks R_X86_64_TPOFF64 R_X86_64_DTPMOD64 R_X86_64_DTPOFF64 R_X86_64_TLSDESC __tls_get_addr
//@ stdout: ok

#include "per_thread.h"
#include "start.h"

#undef WHO
#define WHO static_here
#include "../parts/keeps.c"

way own_counter, own_blank;

int main(int argc, char **argv, char **envp)
{
    (void)argc, (void)argv, (void)envp;
    way *const own_counters[] = {own_counter, NULL};
    way *const own_blanks[] = {own_blank, NULL};
    way *const other_counters[] = {static_here_counter, NULL};
    way *const other_blanks[] = {static_here_blank, NULL};
    check(own_counter() != static_here_counter() && own_blank() != static_here_blank());
    check_per_thread(own_counters, 123);
    check_per_thread(own_blanks, 0);
    check_per_thread(other_counters, 123);
    check_per_thread(other_blanks, 0);
    print("ok\n");
    return 0;
}
