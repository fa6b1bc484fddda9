//@ about: Copies of environ, optind, optarg and stdout in the program are what libc and libraries use, as a variable of libc's is what a library reaches in the program
//@ axes: cc=gcc,clang ld=bfd,lld,mold,gold opt=-O0,-O2 pie=pie,nopie
//@ libc: glibc,musl
//@ build: liba.so = lib.c
//@ build: prog = main.c -l:liba.so
//@ run: -a value rest
//@ env: GREETING=hello
//@ stdout: hello value 3
//@ stdout: changed by a library

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern char **environ;
void change(void);
int same_data(char ***, int *, FILE **);

int main(int argc, char **argv)
{
    if (getopt(argc, argv, "a:") != 'a' || !same_data(&environ, &optind, &stdout))
        return 1;
    fprintf(stdout, "%s %s %d\n", getenv("GREETING"), optarg, optind);
    change();
    puts(getenv("GREETING"));
    optind = 1;
    return getopt(argc, argv, "a:") == 'a' ? 0 : 2;
}
