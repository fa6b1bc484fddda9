//@ about: a fixed-address program takes the address of a library's IFUNC: its PLT entry is the address for everyone
//@ axes: ld=bfd,lld,mold pie=nopie
//@ libc: none,musl
//@ build: libi.so = ifunc.c
//@ build: prog = main.c -l:libi.so
//@ musl oracle: differs: musl knows no IFUNC

#include "start.h"

typedef int function(void);
int chosen(void);
function *from_inside(void);
static function *const table[] = {chosen};

int main(int argc, char **argv, char **envp)
{
    check_eq(chosen(), 7);
    check_eq(table[0](), 7);
    check_eq(table[0], chosen);
    check_eq(from_inside(), chosen);
    check_eq(from_inside()(), 7);
    exit_group(0);
}
