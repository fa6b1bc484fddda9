// A child of fork tries to write constants; the kernel tells how it ended.
//@ about: megabytes of relative relocations, as RELA and as RELR, in program and libraries: each word right, RELRO in force, data writable
//@ build: liba.so = table.c -DCONSTANTS=a_constants -DWRONG=a_wrong -Wl,-z,relro
//@ build: libb.so = table.c -DCONSTANTS=b_constants -DWRONG=b_wrong -Wl,-z,relro -Wl,-z,pack-relative-relocs
//@ build: prog = main.c table.c -DCONSTANTS=own_constants -DWRONG=own_wrong -l:liba.so -l:libb.so -Wl,-z,relro
//@ sh: readelf -Wd liba.so | grep -q '(RELACOUNT)'
//@ sh: readelf -Wd libb.so | grep -q '(RELR)'
//@ sh: readelf -Wd prog | grep -q '(RELACOUNT)'

#include "start.h"

long *a_constants(void), *b_constants(void), *own_constants(void);
long a_wrong(void), b_wrong(void), own_wrong(void);

static int signal_of_write(volatile long *where)
{
    long pid = syscall1(__NR_fork, 0);
    if (pid == 0) {
        *where = *where;
        exit_group(0);
    }
    int status = 0;
    check(pid > 0);
    check_eq(syscall6(__NR_wait4, pid, (long)&status, 0, 0, 0, 0), pid);
    return status & 127;
}

int main(int argc, char **argv, char **envp)
{
    check_eq(a_wrong(), 0);
    check_eq(b_wrong(), 0);
    check_eq(own_wrong(), 0);
    long *constants[] = {a_constants(), b_constants(), own_constants()};
    for (int i = 0; i < 3; i++)
        for (long at = 0; at < 6 << 17; at += 1 << 17)
            check_eq(signal_of_write(constants[i] + at), 11);
    exit_group(0);
}
