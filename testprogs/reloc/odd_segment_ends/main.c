// Behind the data in the file come sections that are not loaded, in the same page: they must not show through.
//@ about: the part of a page behind the end of the data is zero, for data of many lengths
//@ axes: ld=bfd,lld,mold
//@ build: liba.so = ends.S -DSIZE=1
//@ build: libb.so = ends.S -DSIZE=4095
//@ build: libx.so = ends.S -DSIZE=4096
//@ build: libd.so = ends.S -DSIZE=9001
//@ build: prog = main.c -l:liba.so -l:libb.so -l:libx.so -l:libd.so

#include "start.h"
#include <link.h>

// The libraries have one name for their table: each is found through the debugger's list.
static const struct link_map *maps(void)
{
    const Elf64_Dyn *d = _DYNAMIC;
    while (d->d_tag != DT_DEBUG)
        d++;
    return ((const struct r_debug *)d->d_un.d_ptr)->r_map;
}

int main(int argc, char **argv, char **envp)
{
    int seen = 0;
    for (const struct link_map *map = maps()->l_next; map; map = map->l_next) {
        size_t n = length(map->l_name);
        if (n < 8 || !same(map->l_name + n - 3, ".so") || map->l_name[n - 8] != '/')
            continue;
        const Elf64_Ehdr *elf = (const Elf64_Ehdr *)map->l_addr;
        const Elf64_Phdr *p = (const Elf64_Phdr *)(map->l_addr + elf->e_phoff), *last = NULL;
        for (int i = 0; i < elf->e_phnum; i++)
            if (p[i].p_type == PT_LOAD && p[i].p_flags & PF_W)
                last = &p[i];
        check(last && last->p_memsz >= last->p_filesz + 3 * 4096);
        const unsigned char *start = (const unsigned char *)map->l_addr + last->p_vaddr;
        check_eq(start[last->p_filesz - 1], 0x5a);
        for (unsigned long i = last->p_filesz; i < last->p_memsz; i++)
            check_eq(start[i], 0);
        seen++;
    }
    check_eq(seen, 4);
    exit_group(0);
}
