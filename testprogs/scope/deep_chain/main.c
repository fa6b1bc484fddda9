//@ about: a chain of 200 libraries, each needed by the one before it alone
//@ libc: none,musl
//@ sh: sh chain.sh 200
//@ build: prog = main.c -l:lib1.so
//@ musl oracle: no: up to 1.2.2 it refuses an empty segment, as these libraries have

#include "start.h"

int f1(int);

int main(int argc, char **argv, char **envp)
{
    check_eq(f1(0), 200);
    exit_group(0);
}
