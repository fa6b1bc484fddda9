//@ about: The program reaches a library's variables, and the library the program's, by general-dynamic code that no linker relaxed.
//@ axes: cc=gcc,clang ld=bfd,lld,mold,gold opt=-O0,-O2
//@ libc: none,musl
//@ build: liba.so = ../parts/defines.c ../parts/uses_up.c -DWHO=a -fPIC -ftls-model=global-dynamic
//@ build: prog = main.c ../parts/uses.c ../parts/defines_up.c -DWHO=own -fPIC -ftls-model=global-dynamic -l:liba.so -shared -Wl,-e,_start
//@ elf: liba.so has R_X86_64_DTPMOD64 R_X86_64_DTPOFF64 __tls_get_addr
//@ elf: liba.so lacks R_X86_64_TPOFF64 R_X86_64_TLSDESC
//@ elf: prog has R_X86_64_DTPMOD64 R_X86_64_DTPOFF64 __tls_get_addr INTERP
//@ elf: prog lacks R_X86_64_TPOFF64 R_X86_64_TLSDESC
//@ stdout: ok

#include "interp.h"
#include "per_thread.h"
#include "start.h"

way a_counter, a_blank, own_uses_counter, own_uses_blank, own_counter, own_blank, a_uses_counter, a_uses_blank;

int main(int argc, char **argv, char **envp)
{
    (void)argc, (void)argv, (void)envp;
    way *const library_counters[] = {a_counter, own_uses_counter, NULL};
    way *const library_blanks[] = {a_blank, own_uses_blank, NULL};
    way *const program_counters[] = {own_counter, a_uses_counter, NULL};
    way *const program_blanks[] = {own_blank, a_uses_blank, NULL};
    check(a_counter() != own_counter() && a_blank() != own_blank());
    check_per_thread(library_counters, 123);
    check_per_thread(library_blanks, 0);
    check_per_thread(program_counters, 123);
    check_per_thread(program_blanks, 0);
    print("ok\n");
    return 0;
}
