//@ about: a program whose DT_AUDIT and DT_DEPAUDIT ask for auditing is told that there is none; those of a library count for nobody
//@ rule: DT_AUDIT DT_DEPAUDIT: Not honoured: the objects that the program's tag names are told of on standard error.
//@ build: liba.so = lib.c -Wl,--audit,libd.so -Wl,--depaudit,libe.so
//@ build: prog = main.c -l:liba.so -Wl,--audit,liba.so:libb.so -Wl,--depaudit,libc.so
//@ elf: prog has (AUDIT) (DEPAUDIT)
//@ elf: liba.so has (AUDIT) (DEPAUDIT)
//@ stderr: ERROR: ld.so: object 'liba.so' cannot be loaded as audit interface: ld-rs has no auditing; ignored.
//@ stderr: ERROR: ld.so: object 'libb.so' cannot be loaded as audit interface: ld-rs has no auditing; ignored.
//@ stderr: ERROR: ld.so: object 'libc.so' cannot be loaded as audit interface: ld-rs has no auditing; ignored.
//@ oracle: differs: it audits

#include "start.h"

int a(void);

int main(int argc, char **argv, char **envp)
{
    check_eq(a(), 1);
    exit_group(0);
}
