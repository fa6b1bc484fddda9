//@ about: A seed of malformed files: a program with a libc, which lies beside it
//@ libc: glibc
//@ axes: pie=pie,nopie opt=-O2
//@ build: liba.so = lib.c -Wl,-soname,liba.so
//@ build: prog = main.c -l:liba.so
//@ sh: cp "$(gcc -print-file-name=libc.so.6)" libc.so.6
//@ env: SEED=sown
//@ stdout: constructor of lib
//@ stdout: entry
//@ stdout: line of librarysown, 7
//@ stdout: destructor of lib

#include "../parts/trace.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *library_line(void);
static __thread int mine = 7;

int main(void)
{
    say("entry\n");
    char *line = library_line();
    printf("line of %s, %d\n", line, mine);
    fflush(stdout);
    free(line);
    return 0;
}
