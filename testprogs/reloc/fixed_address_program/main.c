//@ about: an ET_EXEC program lies where it was linked, with its library wherever there is room
//@ axes: cc=gcc,clang ld=bfd,lld,mold,gold opt=-O0,-O2 pie=nopie
//@ libc: none,musl
//@ build: liba.so = lib.c
//@ build: prog = main.c -l:liba.so

#include "start.h"

void _start(void);
int add(int, int);
extern const Elf64_Ehdr __ehdr_start __attribute__((visibility("hidden")));
static int data = 4, *pointer = &data;
static int zero[3000];

int main(int argc, char **argv, char **envp)
{
    check_eq(__ehdr_start.e_type, ET_EXEC);
    check_eq(__ehdr_start.e_entry, _start);
    const Elf64_Phdr *p = (const Elf64_Phdr *)((const char *)&__ehdr_start + __ehdr_start.e_phoff);
    int loads = 0;
    for (int i = 0; i < __ehdr_start.e_phnum; i++)
        loads += p[i].p_type == PT_LOAD && p[i].p_vaddr <= (unsigned long)&data
            && (unsigned long)&data < p[i].p_vaddr + p[i].p_memsz;
    check_eq(loads, 1);
    for (int i = 0; i < 3000; i++)
        check_eq(zero[i], 0);
    check_eq(add(*pointer, 5), 9);
    exit_group(0);
}
