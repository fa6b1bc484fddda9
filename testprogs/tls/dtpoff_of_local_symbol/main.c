//@ about: DTPMOD64 and DTPOFF64 against a symbol that is local in .dynsym resolve in the object itself, without look-up.
//@ axes: ld=bfd,lld,mold,gold opt=-O0,-O2
//@ libc: none,musl
//@ skip: ld=bfd : bfd uses symbol 0 for local symbols: dtpmod_without_dtpoff
//@ skip: ld=lld : lld uses symbol 0 for local symbols: dtpmod_without_dtpoff
//@ skip: ld=mold : mold uses symbol 0 for local symbols: dtpmod_without_dtpoff
//@ build: liba.so = ../parts/defines.c -DWHO=a -DVISIBLE=__attribute__((visibility("hidden"),tls_model("global-dynamic")))
//@ build: libb.so = ../parts/defines.c -DWHO=b
//@ build: prog = main.c -l:libb.so -l:liba.so
//@ sh: readelf -W --dyn-syms liba.so | grep 'TLS *LOCAL'
//@ elf: liba.so has R_X86_64_DTPMOD64 R_X86_64_DTPOFF64
//@ stdout: ok

// libb comes first and exports the same names: a look-up by name would find its variables.
#include "per_thread.h"
#include "start.h"

way a_counter, a_blank, b_counter, b_blank;

int main(int argc, char **argv, char **envp)
{
    (void)argc, (void)argv, (void)envp;
    check(a_counter() != b_counter() && a_blank() != b_blank());
    way *const counters[] = {a_counter, NULL};
    way *const blanks[] = {a_blank, NULL};
    check_per_thread(counters, 123);
    check_per_thread(blanks, 0);
    print("ok\n");
    return 0;
}
