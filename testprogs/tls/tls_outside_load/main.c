//@ about: A dynamic program whose PT_TLS lies in no PT_LOAD, with a library beside it: every thread gets the image from the file.
//@ axes: cc=gcc,clang ld=bfd,lld,mold,gold opt=-O0,-O2
//@ skip: ld=mold : mold reads no linker script with SECTIONS
//@ skip: ld=gold : gold refuses an allocated section that lies in no PT_LOAD
//@ build: liba.so = ../parts/defines.c -DWHO=a
//@ build: prog = main.c -l:liba.so -Wl,-T,tls.ld -Wl,--build-id=none -Wl,-z,norelro
//@ sh: readelf -Wl prog | awk '$1 == "TLS" && $3 == "0x0000000007000000" { tls = 1 } $1 == "LOAD" && substr($3, 11) >= "07000000" { load = 1 } END { exit !tls || load }'
//@ elf: prog has INTERP
//@ oracle: differs: glibc's loader copies the image from memory that it never mapped
//@ stdout: ok

#include "per_thread.h"
#include "start.h"

way a_counter;

struct words {
    int first;
    char text[20];
};
__thread struct words words = {123, "from the file"};
__thread int blank[50];

static void check_image(void *unused)
{
    (void)unused;
    check_eq(words.first, 123);
    check(same(words.text, "from the file"));
    for (int i = 0; i < 50; i++)
        check_eq(blank[i], 0);
    words.first++;
    blank[49] = 1;
    check_eq((uintptr_t)&words % _Alignof(struct words), 0);
    check((uintptr_t)&words < fs_word(0) && (uintptr_t)(blank + 50) <= fs_word(0));
}

int main(int argc, char **argv, char **envp)
{
    (void)argc, (void)argv, (void)envp;
    way *const library[] = {a_counter, NULL};
    check_image(NULL);
    for (int round = 0; round < 2; round++) {
        struct thread threads[4];
        for (int i = 0; i < 4; i++)
            thread_start(&threads[i], check_image, NULL);
        for (int i = 0; i < 4; i++)
            thread_join(&threads[i]);
    }
    check_per_thread(library, 123);
    print("ok\n");
    return 0;
}
