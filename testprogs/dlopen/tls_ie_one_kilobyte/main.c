//@ about: An initial-exec block of 1 KiB fits into the spare static TLS, in running threads too.
//@ libc: glibc
//@ build: liba.so = ../parts/tls.c -DWHO=a -DSIZE=1000 -ftls-model=initial-exec
//@ build: prog = main.c -pthread
//@ elf: liba.so has R_X86_64_TPOFF64
//@ stdout: ok

#include "../parts/tls_threads.h"

int main(void)
{
    tls_in_all_threads("liba.so", "a");
}
