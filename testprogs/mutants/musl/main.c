//@ about: A seed of malformed files: a program of musl, whose libc is its own loader
//@ libc: musl
//@ axes: pie=pie,nopie opt=-O2
//@ build: liba.so = ../glibc/lib.c -Wl,-soname,liba.so
//@ build: prog = main.c -l:liba.so
//@ env: SEED=sown
//@ stdout: constructor of lib
//@ stdout: entry
//@ stdout: line of librarysown, 7, 1 variable
//@ stdout: destructor of lib

#include "../parts/trace.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *library_line(void);
extern char **environ; // with a copy in a program of fixed addresses, to which libc.so refers
static __thread int mine = 7;

int main(void)
{
    int seeds = 0;
    for (char **variable = environ; *variable; variable++)
        seeds += !strncmp(*variable, "SEED=", 5);
    say("entry\n");
    char *line = library_line();
    printf("line of %s, %d, %d variable\n", line, mine, seeds);
    fflush(stdout);
    free(line);
    return 0;
}
