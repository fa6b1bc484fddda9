//@ about: General-dynamic code on a hidden variable has DTPMOD64 with symbol 0 and no DTPOFF64: the offset the linker wrote into the GOT stays.
//@ axes: ld=bfd,lld,mold,gold opt=-O0,-O2
//@ libc: none,musl
//@ skip: ld=gold : gold writes a DTPOFF64 against a local symbol instead: dtpoff_of_local_symbol
//@ build: liba.so = ../parts/defines.c -DWHO=a -DVISIBLE=__attribute__((visibility("hidden"),tls_model("global-dynamic")))
//@ build: prog = main.c -l:liba.so
//@ sh: test $(readelf -Wr liba.so | grep -c 'R_X86_64_DTPMOD64  *[0-9a-f]*$') = 2
//@ elf: liba.so lacks R_X86_64_DTPOFF64
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
