//@ about: the environment arrives in order and whole: empty values, values with `=`, and the loader's own variables
//@ libc: none,musl
//@ build: prog = main.c
//@ env: LD_LIBRARY_PATH={dir}
//@ env: EMPTY=
//@ env: MANY== =
//@ stdout: EMPTY=
//@ stdout: MANY== =
//@ stdout: 2

#include "start.h"

int main(int argc, char **argv, char **envp)
{
    long n = 0;
    for (; *envp; envp++) {
        const char *e = *envp;
        if (e[0] == 'E' || e[0] == 'M')
            print("%s\n", e);
        if ((e[0] == 'L' && e[1] == 'D') || (e[0] == 'P' && e[1] == 'A'))
            n++;
    }
    print("%d\n", n);
    exit_group(0);
}
