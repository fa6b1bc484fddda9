//@ about: a library of the system is found without any path given
//@ rule: /etc/ld.so.cache: Where libraries are, after LD_LIBRARY_PATH and DT_RUNPATH and before the default directories.
//@ libc: glibc
//@ build: prog = main.c -l:libz.so.1
//@ sh: patchelf --remove-rpath prog
//@ elf: prog has [libz.so.1]
//@ elf: prog lacks RPATH RUNPATH
//@ stdout: cbf43926

#include <stdio.h>

unsigned long crc32(unsigned long crc, const unsigned char *data, unsigned n);

int main(void)
{
    printf("%lx\n", crc32(0, (const unsigned char *)"123456789", 9));
    return 0;
}
