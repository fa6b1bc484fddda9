//@ about: Segments whose p_vaddr is no multiple of their p_align, in program and library: variables keep the alignment they ask for, local-exec code of the program included.
//@ axes: cc=gcc,clang ld=bfd,lld,mold,gold opt=-O0,-O2
//@ skip: ld=gold : gold moves .tdata to the segment's alignment, whatever script or address it is given
//@ sh: . ./flags.sh
//@ build: liba.so = ../parts/module.c -DWHO=a -DDATA=12 -DALIGN=4 -DZERO=100 -DZERO_ALIGN=64 @shared.flags
//@ build: libb.so = ../parts/module.c -DWHO=b -DDATA=12 -DALIGN=4 -DZERO=300 -DZERO_ALIGN=256 @shared.flags
//@ build: prog = main.c -l:liba.so -l:libb.so @pie.flags
//@ sh: for file in liba.so libb.so prog; do set -- $(readelf -Wl $file | grep ' TLS '); test $(($3 % $8)) != 0; done
//@ stdout: ok

#include "layout.h"
#include "start.h"
#include "threads.h"

void a_module(struct tls_module *), b_module(struct tls_module *);

__thread int word = 123;
__thread char line[70] __attribute__((aligned(64)));

static void check_skew(void *unused)
{
    (void)unused;
    const Elf64_Phdr *table = (const Elf64_Phdr *)aux(AT_PHDR);
    size_t n = aux(AT_PHNUM);
    const Elf64_Phdr *tls = find_segment(table, n, PT_TLS);
    check(tls != NULL);
    char *block = (char *)fs_word(0) - distance(0, tls);
    check_eq((unsigned long)line % 64, 0);
    check_eq((char *)&word - block, 0);
    check_eq(word, 123);
    for (size_t i = 0; i < sizeof line; i++)
        check_eq(line[i], 0);
    word++;

    struct tls_module a, b;
    a_module(&a);
    unsigned long used = check_block(distance(0, tls), &a, 2);
    b_module(&b);
    check_block(used, &b, 3);
    check_image(&a);
    check_image(&b);
}

int main(int argc, char **argv, char **envp)
{
    (void)argc, (void)argv, (void)envp;
    check_skew(NULL);
    struct thread threads[4];
    for (int i = 0; i < 4; i++)
        thread_start(&threads[i], check_skew, NULL);
    for (int i = 0; i < 4; i++)
        thread_join(&threads[i]);
    print("ok\n");
    return 0;
}
