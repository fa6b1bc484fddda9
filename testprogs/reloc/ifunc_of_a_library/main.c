//@ about: JUMP_SLOT, GLOB_DAT and R_X86_64_64 to an IFUNC of another library call its resolver, and all see one address
//@ axes: ld=bfd,lld,mold pie=pie
//@ libc: none,musl
//@ build: libi.so = ifunc.c
//@ build: libx.so = caller.c -l:libi.so
//@ build: liba.so = user.c -DP=a_ -l:libi.so
//@ build: prog = main.c user.c -DP=own_ -fPIC -l:liba.so -l:libx.so -l:libi.so
//@ elf: libx.so has R_X86_64_JUMP_SLO
//@ elf: liba.so has R_X86_64_GLOB_DAT R_X86_64_64
//@ elf: prog has R_X86_64_GLOB_DAT
//@ musl oracle: differs: musl knows no IFUNC

#include "start.h"

typedef int function(void);
int call(void);
function *a_address(void), *own_address(void), *a_table(void), *own_table(void), *from_inside(void);

int main(int argc, char **argv, char **envp)
{
    check_eq(call(), 7);
    check_eq(a_address()(), 7);
    check_eq(a_table()(), 7);
    check_eq(a_address(), own_address());
    check_eq(a_table(), own_table());
    check_eq(a_table(), a_address());
    check_eq(from_inside(), a_address());
    exit_group(0);
}
