//@ about: the program's definition wins over a preloaded one, that over a needed one, also for the library that has it
//@ libc: none,musl
//@ build: liba.so = lib.c -DVALUE=3 -DOWN
//@ build: libp.so = lib.c -DVALUE=2
//@ build: prog = main.c -l:liba.so -Wl,-E
//@ env: LD_PRELOAD=libp.so
//@ musl oracle: differs: musl looks for a preloaded object in no RUNPATH of the program

#include "start.h"

int first(void) { return 1; }
int second(void);
int a_sees_first(void);
int a_sees_second(void);

int main(int argc, char **argv, char **envp)
{
    check_eq(second(), 2);
    check_eq(a_sees_first(), 1);
    check_eq(a_sees_second(), 2);
    exit_group(0);
}
