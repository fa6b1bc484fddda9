//@ about: AT_SYSINFO_EHDR leads to the vdso, and a clock_gettime found in it works
//@ libc: none,musl
//@ build: prog = main.c

#include "start.h"

typedef int clock_function(long clock, long time[2]);

static clock_function *find(const Elf64_Ehdr *elf)
{
    const Elf64_Phdr *p = (const Elf64_Phdr *)((const char *)elf + elf->e_phoff);
    const char *bias = NULL;
    const Elf64_Dyn *dynamic = NULL;
    for (int i = 0; i < elf->e_phnum; i++) {
        if (p[i].p_type == PT_LOAD && !bias)
            bias = (const char *)elf + p[i].p_offset - p[i].p_vaddr;
        if (p[i].p_type == PT_DYNAMIC)
            dynamic = (const Elf64_Dyn *)((const char *)elf + p[i].p_offset);
    }
    check(bias && dynamic);
    const Elf64_Sym *symbols = NULL;
    const char *strings = NULL;
    for (; dynamic->d_tag != DT_NULL; dynamic++) {
        if (dynamic->d_tag == DT_SYMTAB)
            symbols = (const Elf64_Sym *)(bias + dynamic->d_un.d_ptr);
        if (dynamic->d_tag == DT_STRTAB)
            strings = bias + dynamic->d_un.d_ptr;
    }
    check(symbols && strings && (const char *)symbols < strings);
    for (const Elf64_Sym *s = symbols + 1; (const char *)s < strings; s++)
        if (same(strings + s->st_name, "__vdso_clock_gettime"))
            return (clock_function *)(bias + s->st_value);
    return NULL;
}

int main(int argc, char **argv, char **envp)
{
    clock_function *clock = find((const Elf64_Ehdr *)aux(AT_SYSINFO_EHDR));
    check(clock);
    long before[2], time[2], after[2];
    enum { MONOTONIC = 1 };
    syscall3(__NR_clock_gettime, MONOTONIC, before, 0);
    check_eq(clock(MONOTONIC, time), 0);
    syscall3(__NR_clock_gettime, MONOTONIC, after, 0);
    check(before[0] <= time[0] && time[0] <= after[0]);
    exit_group(0);
}
