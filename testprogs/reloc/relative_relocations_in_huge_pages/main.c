//@ about: megabytes of relative relocations, as RELA and as RELR, in program and libraries: each word right, RELRO in force, data writable
//@ libc: none,musl
//@ build: liba.so = table.c -DCONSTANTS=a_constants -DWRONG=a_wrong -Wl,-z,relro
//@ build: libb.so = table.c -DCONSTANTS=b_constants -DWRONG=b_wrong -Wl,-z,relro -Wl,-z,pack-relative-relocs
//@ build: prog = main.c table.c -DCONSTANTS=own_constants -DWRONG=own_wrong -l:liba.so -l:libb.so -Wl,-z,relro
//@ sh: readelf -Wd liba.so | grep -q '(RELACOUNT)'
//@ sh: readelf -Wd libb.so | grep -q '(RELR)'
//@ sh: readelf -Wd prog | grep -q '(RELACOUNT)'
//@ musl oracle: no: musl knows DT_RELR from 1.2.4 on and dies before

#include "write.h"

long *a_constants(void), *b_constants(void), *own_constants(void);
long a_wrong(void), b_wrong(void), own_wrong(void);

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
