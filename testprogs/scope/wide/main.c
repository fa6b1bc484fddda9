//@ about: 200 libraries needed by the program itself; the first and the last definition of 200 are found
//@ libc: none,musl
//@ sh: sh wide.sh 200
//@ build: prog = main.c wide.c @libraries
//@ musl oracle: no: up to 1.2.2 it refuses an empty segment, as these libraries have

#include "start.h"

int all(void);
int common(void);

int main(int argc, char **argv, char **envp)
{
    check_eq(all(), 200 * 201 / 2);
    check_eq(common(), 1);
    exit_group(0);
}
