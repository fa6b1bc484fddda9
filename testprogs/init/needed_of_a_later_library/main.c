// Load order is a, b, z: plain reverse load order would do b before a, and b needs a.
//@ about: dependencies come first also where load order and its reverse are both wrong
//@ libc: none,musl
//@ build: libz.so = lib.c -DNAME=z -DBEFORE=0
//@ build: liba.so = lib.c -DNAME=a -DBEFORE=z_ready -l:libz.so
//@ build: libb.so = lib.c -DNAME=b -DBEFORE=a_ready -l:liba.so
//@ build: prog = main.c -fPIC -l:liba.so -l:libb.so -l:libz.so

#include "start.h"

extern int a_ready, b_ready, z_ready;

int main(int argc, char **argv, char **envp)
{
    check_eq(z_ready * 100 + a_ready * 10 + b_ready, 123);
    exit_group(0);
}
