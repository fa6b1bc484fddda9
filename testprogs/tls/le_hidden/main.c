//@ about: The program reaches its own hidden variables from several sources by local-exec code.
//@ axes: cc=gcc,clang ld=bfd,lld,mold,gold opt=-O0,-O2 pie=pie,nopie
//@ libc: none,musl
//@ build: prog = main.c ../parts/defines.c ../parts/uses.c -DWHO=own -ftls-model=local-exec -DVISIBLE=__attribute__((visibility("hidden")))
//@ elf: prog has TLS
//@ elf: prog lacks R_X86_64_TPOFF64 R_X86_64_DTPMOD64 R_X86_64_DTPOFF64 R_X86_64_TLSDESC __tls_get_addr
//@ stdout: ok

#include "per_thread.h"
#include "start.h"

way own_counter, own_blank, own_uses_counter, own_uses_blank;

int main(int argc, char **argv, char **envp)
{
    (void)argc, (void)argv, (void)envp;
    way *const counters[] = {own_counter, own_uses_counter, NULL};
    way *const blanks[] = {own_blank, own_uses_blank, NULL};
    check_per_thread(counters, 123);
    check_per_thread(blanks, 0);
    print("ok\n");
    return 0;
}
