//@ about: segments aligned to 2 MiB, 64 KiB and 16 KiB lie at multiples of that
//@ axes: ld=bfd,lld,mold
//@ libc: none,musl
//@ build: liba.so = lib.c -DNAME=a -Wl,-z,max-page-size=0x200000
//@ build: libb.so = lib.c -DNAME=b -Wl,-z,max-page-size=0x10000
//@ build: libx.so = lib.c -DNAME=x -Wl,-z,max-page-size=0x4000
//@ build: prog = main.c -l:liba.so -l:libb.so -l:libx.so -Wl,-z,max-page-size=0x200000
//@ elf: liba.so has 0x200000
//@ elf: libb.so has 0x10000
//@ elf: libx.so has 0x4000
//@ elf: prog has 0x200000
//@ musl oracle: differs: musl aligns segments to pages

#include "start.h"

const Elf64_Ehdr *a(void);
const Elf64_Ehdr *b(void);
const Elf64_Ehdr *x(void);
extern const Elf64_Ehdr __ehdr_start __attribute__((visibility("hidden")));

static void check_alignment(const Elf64_Ehdr *elf, unsigned long wanted)
{
    const Elf64_Phdr *p = (const Elf64_Phdr *)((const char *)elf + elf->e_phoff);
    unsigned long bias = 1, most = 0;
    for (int i = 0; i < elf->e_phnum; i++) {
        if (p[i].p_type != PT_LOAD)
            continue;
        if (bias == 1)
            bias = (unsigned long)elf + p[i].p_offset - p[i].p_vaddr;
        if (most < p[i].p_align)
            most = p[i].p_align;
    }
    check_eq(most, wanted);
    check_eq(bias % wanted, 0);
}

int main(int argc, char **argv, char **envp)
{
    check_alignment(a(), 0x200000);
    check_alignment(b(), 0x10000);
    check_alignment(x(), 0x4000);
    check_alignment(&__ehdr_start, 0x200000);
    exit_group(0);
}
