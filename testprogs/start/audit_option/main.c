//@ about: each object of --audit is told, in glibc's words, not to audit, behind those of LD_AUDIT
//@ rule: --audit: Not honoured, as LD_AUDIT.
//@ libc: glibc
//@ build: prog = main.c
//@ loader: --audit liba.so:libb.so
//@ env: LD_AUDIT=libc.so
//@ stdout: runs
//@ stderr: ERROR: ld.so: object 'libc.so' cannot be loaded as audit interface: ld-rs has no auditing; ignored.
//@ stderr: ERROR: ld.so: object 'liba.so' cannot be loaded as audit interface: ld-rs has no auditing; ignored.
//@ stderr: ERROR: ld.so: object 'libb.so' cannot be loaded as audit interface: ld-rs has no auditing; ignored.
//@ oracle: differs: it audits

#include <stdio.h>

int main(void)
{
    puts("runs");
    return 0;
}
