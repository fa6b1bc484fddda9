// In direct mode the loader takes its own words out: what remains must still be one block, as the kernel lays it out.
//@ about: argc, argv, envp and auxv follow each other without a gap, and say what the program was started with
//@ axes: ld=bfd,lld pie=pie,nopie
//@ build: prog = main.c
//@ run: one two
//@ env: GREETING=hello

#include "start.h"

void _start(void);
extern const Elf64_Ehdr __ehdr_start __attribute__((visibility("hidden")));

int main(int argc, char **argv, char **envp)
{
    check_eq(start_stack[0], 3);
    check_eq(argv, start_stack + 1);
    check(same(argv[0], "./prog") && same(argv[1], "one") && same(argv[2], "two"));
    check_eq(argv[3], 0);
    check_eq(envp, argv + 4);
    int found = 0;
    char **end = envp;
    for (; *end; end++)
        found += same(*end, "GREETING=hello");
    check_eq(found, 1);
    check_eq(start_auxv, end + 1);
    check_eq(aux(AT_PAGESZ), 4096);
    check(aux(AT_RANDOM) && aux(AT_SYSINFO_EHDR) && aux(AT_CLKTCK));

    const Elf64_Phdr *headers = (const Elf64_Phdr *)aux(AT_PHDR);
    check_eq(headers, (const char *)&__ehdr_start + __ehdr_start.e_phoff);
    check_eq(aux(AT_PHENT), sizeof *headers);
    check_eq(aux(AT_PHNUM), __ehdr_start.e_phnum);
    check_eq(aux(AT_ENTRY), _start);
    exit_group(0);
}
