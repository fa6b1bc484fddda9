//@ about: AT_BASE is where the loader's own ELF header lies, however it was started
//@ libc: none,musl
//@ build: prog = main.c
//@ oracle: differs: glibc started directly leaves the kernel's 0

#include "start.h"

int main(int argc, char **argv, char **envp)
{
    const Elf64_Ehdr *loader = (const Elf64_Ehdr *)aux(AT_BASE);
    check(loader);
    check(loader->e_ident[0] == 0x7f && loader->e_ident[1] == 'E' && loader->e_type == ET_DYN);
    check((unsigned long)loader->e_entry + (unsigned long)loader != aux(AT_ENTRY));
    exit_group(0);
}
