//@ about: with --inhibit-cache the default folders still serve
//@ rule: --inhibit-cache: /etc/ld.so.cache is not used.
//@ libc: glibc
//@ build: prog = main.c -l:libz.so.1
//@ loader: --inhibit-cache
//@ stdout: cbf43926

#include <stdio.h>

unsigned long crc32(unsigned long crc, const unsigned char *data, unsigned n);

int main(void)
{
    printf("%lx\n", crc32(0, (const unsigned char *)"123456789", 9));
    return 0;
}
