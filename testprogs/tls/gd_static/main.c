//@ about: Each of two libraries reaches its static variables by general-dynamic code.
//@ axes: cc=gcc,clang ld=bfd,lld,mold,gold opt=-O0,-O2 pie=pie,nopie
//@ libc: none,musl
//@ skip: cc=clang : clang 14 turns general-dynamic on a variable of its own into local-dynamic
//@ build: liba.so = ../parts/keeps.c -DWHO=a -fPIC -ftls-model=global-dynamic -DVISIBLE=__attribute__((tls_model("global-dynamic")))
//@ build: libb.so = ../parts/keeps.c -DWHO=b -fPIC -ftls-model=global-dynamic -DVISIBLE=__attribute__((tls_model("global-dynamic")))
//@ build: prog = main.c -l:liba.so -l:libb.so
//@ sh: for lib in liba.so libb.so; do test $(readelf -Wr $lib | grep -c R_X86_64_DTPMOD64) = 2; done
//@ elf: liba.so has R_X86_64_DTPMOD64 __tls_get_addr
//@ elf: liba.so lacks R_X86_64_TPOFF64 R_X86_64_TLSDESC
//@ elf: libb.so has R_X86_64_DTPMOD64 __tls_get_addr
//@ elf: libb.so lacks R_X86_64_TPOFF64 R_X86_64_TLSDESC
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
