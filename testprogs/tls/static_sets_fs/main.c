//@ about: A static program that makes its own TLS block and sets %fs itself runs undisturbed.
//@ axes: cc=gcc,clang ld=bfd,lld,mold,gold opt=-O0,-O2 pie=pie,nopie
//@ skip: ld=gold pie=pie : gold knows no --no-dynamic-linker, so -static-pie does not link
//@ libc: static
//@ build: prog = main.c
//@ elf: prog has TLS
//@ elf: prog lacks INTERP R_X86_64
//@ stdout: ok

#include "layout.h"
#include "start.h"

static __thread volatile int counter = 123;
static __thread volatile int blank;
static char area[256] __attribute__((aligned(64)));

int main(int argc, char **argv, char **envp)
{
    (void)argc, (void)argv, (void)envp;
    enum { ARCH_SET_FS = 0x1002 };
    struct tls_module own;
    own_segment(&own);
    char *tp = area + 192;
    char *block = tp - distance(0, own.segment);
    check(block >= area);
    for (unsigned long i = 0; i < own.segment->p_filesz; i++)
        block[i] = own.image[i];
    *(char **)tp = tp;
    check_eq(syscall3(__NR_arch_prctl, ARCH_SET_FS, tp, 0), 0);
    check_eq(counter, 123);
    check_eq(blank, 0);
    counter++;
    check((char *)&counter >= block && (char *)&counter < tp);
    check_eq(aux(AT_PHDR), (unsigned long)&__ehdr_start + __ehdr_start.e_phoff);
    check_eq(aux(AT_PHNUM), __ehdr_start.e_phnum);
    check(aux(AT_ENTRY) != 0);
    print("ok\n");
    return 0;
}
