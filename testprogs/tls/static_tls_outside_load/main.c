//@ about: A static program whose PT_TLS lies in no PT_LOAD: the loader takes the image from the file, lays out the block and sets %fs.
//@ axes: cc=gcc,clang ld=bfd,lld,mold,gold opt=-O0,-O2 pie=nopie
//@ skip: ld=mold : mold reads no linker script with SECTIONS
//@ skip: ld=gold : gold refuses an allocated section that lies in no PT_LOAD
//@ libc: static
//@ build: prog = main.c -Wl,-T,tls.ld -Wl,--build-id=none
//@ sh: readelf -Wl prog | awk '$1 == "TLS" && $3 == "0x0000000007000000" { tls = 1 } $1 == "LOAD" && substr($3, 11) >= "07000000" { load = 1 } END { exit !tls || load }'
//@ oracle: differs: glibc's loader hands a static program to the kernel with execve, and nobody sets %fs
//@ stdout: ok

#include "start.h"

struct words {
    int first;
    char text[20];
};
__thread struct words words = {123, "from the file"};
__thread int blank[50];

int main(int argc, char **argv, char **envp)
{
    (void)argc, (void)argv, (void)envp;
    check_eq(words.first, 123);
    check(same(words.text, "from the file"));
    for (int i = 0; i < 50; i++)
        check_eq(blank[i], 0);
    words.first++;
    blank[49] = 1;
    check_eq((uintptr_t)&words % _Alignof(struct words), 0);
    check((uintptr_t)&words < fs_word(0) && (uintptr_t)(blank + 50) <= fs_word(0));
    print("ok\n");
    return 0;
}
