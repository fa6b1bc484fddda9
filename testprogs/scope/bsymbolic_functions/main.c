//@ about: -Bsymbolic-functions binds the library's functions to itself and leaves its data to the scope
//@ axes: ld=bfd,lld,mold
//@ libc: none,musl
//@ build: liba.so = lib.c -Wl,-Bsymbolic-functions
//@ build: prog = main.c -fPIC -l:liba.so -Wl,-E
//@ elf: liba.so has R_X86_64_GLOB_DAT

#include "start.h"

int datum = 1;
int function(void) { return 1; }
int sees_datum(void);
int sees_function(void);

int main(int argc, char **argv, char **envp)
{
    check_eq(sees_datum(), 1);
    check_eq(sees_function(), 2);
    exit_group(0);
}
