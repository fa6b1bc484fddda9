//@ about: no constructor runs before every object is relocated: the first one already calls into the last
//@ libc: none,musl
//@ build: libz.so = last.c
//@ build: liba.so = first.c
//@ build: prog = main.c -l:libz.so -l:liba.so

#include "start.h"

int main(int argc, char **argv, char **envp)
{
    exit_group(1);
}
