//@ about: libraries that need each other are initialised once each, after what both need
//@ libc: none,musl
//@ build: libz.so = lib.c -DNAME=z -DNEEDS=0
//@ build: libb.so = lib.c -DNAME=b -DNEEDS=z_ready
//@ build: liba.so = lib.c -DNAME=a -DNEEDS=z_ready -l:libb.so -l:libz.so
//@ build: libb.so = lib.c -DNAME=b -DNEEDS=z_ready -l:liba.so -l:libz.so
//@ build: prog = main.c -fPIC -l:liba.so -l:libb.so -l:libz.so
//@ elf: liba.so has [libb.so]
//@ elf: libb.so has [liba.so]

#include "start.h"

extern int a_ready, b_ready, z_ready;

int main(int argc, char **argv, char **envp)
{
    check_eq(z_ready * 100 + a_ready * 10 + b_ready, 122);
    exit_group(0);
}
