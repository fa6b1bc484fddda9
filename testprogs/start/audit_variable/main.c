//@ about: each object of LD_AUDIT is told, in glibc's words, not to audit, and the program runs; an empty list says nothing
//@ rule: LD_AUDIT: Not honoured: each object is told of on standard error, and the program starts. In secure mode nothing is said.
//@ libc: glibc
//@ build: prog = main.c
//@ env: LD_AUDIT=:libnone.so::{dir}/prog:
//@ stdout: runs
//@ stderr: ERROR: ld.so: object 'libnone.so' cannot be loaded as audit interface: ld-rs has no auditing; ignored.
//@ stderr: ERROR: ld.so: object '{dir}/prog' cannot be loaded as audit interface: ld-rs has no auditing; ignored.
//@ oracle: differs: it audits

#include <stdio.h>

int main(void)
{
    puts("runs");
    return 0;
}
