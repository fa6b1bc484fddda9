//@ about: after the start RELRO is read-only in program and library: a write to relocated constants is a fault
//@ axes: ld=bfd,lld,mold pie=pie,nopie
//@ libc: none,musl
//@ build: liba.so = table.c -DNAME=a_table -Wl,-z,relro,-z,now
//@ build: prog = main.c table.c -DNAME=own_table -l:liba.so -Wl,-z,relro,-z,now
//@ elf: liba.so has GNU_RELRO
//@ elf: prog has GNU_RELRO

#include "write.h"

char *const *a_table(void);
char *const *own_table(void);

int main(int argc, char **argv, char **envp)
{
    static long writable = 1;
    check(*a_table()[0] == 0x77 && *own_table()[0] == 0x77);
    check_eq(signal_of_write(&writable), 0);
    check_eq(signal_of_write((long *)a_table()), 11);
    check_eq(signal_of_write((long *)own_table()), 11);
    exit_group(0);
}
