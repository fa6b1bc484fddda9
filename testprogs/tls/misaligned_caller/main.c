//@ about: __tls_get_addr works when its caller's stack is not aligned to 16, as code of old compilers leaves it.
//@ axes: ld=bfd,lld,mold,gold
//@ libc: none,musl
//@ build: liba.so = library.c -DNAME=aligned -DSKEW=0
//@ build: libb.so = library.c -DNAME=misaligned -DSKEW=8
//@ build: prog = main.c -l:liba.so -l:libb.so
//@ stdout: ok

#include "per_thread.h"
#include "start.h"

way aligned, misaligned;

int main(int argc, char **argv, char **envp)
{
    (void)argc, (void)argv, (void)envp;
    way *const ways[] = {misaligned, aligned, NULL};
    check_per_thread(ways, 123);
    print("ok\n");
    return 0;
}
