//@ about: an undefined weak symbol nobody defines is null, for a function, a datum and a pointer with an addend in a table
//@ axes: cc=gcc,clang ld=bfd,lld,mold pie=pie
//@ libc: none,musl
//@ build: liba.so = lib.c
//@ build: prog = main.c -fPIC -l:liba.so
//@ elf: liba.so has R_X86_64_GLOB_DAT R_X86_64_64

#include "start.h"

void *function_here(void);
void *datum_here(void);
char **table_here(void);
__attribute__((weak)) void nobody_function(void);
__attribute__((weak)) extern int nobody_datum;

int main(int argc, char **argv, char **envp)
{
    check(!function_here() && !datum_here());
    check_eq(table_here()[0], 0);
    check_eq(table_here()[1], 8);
    check(!nobody_function && !&nobody_datum);
    exit_group(0);
}
