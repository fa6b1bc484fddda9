//@ about: Who walks DT_SYMTAB, DT_STRTAB and the hash tables of each link map by hand finds the same functions as dlsym, as DMTCP, MangoHud and plthook do; of start-up's objects, the loader and opened ones
//@ axes: ld=bfd,lld,mold pie=pie,nopie
//@ libc: glibc
//@ build: libs.so = ../got_leads_to_the_binder/f.c -Wl,--hash-style=gnu
//@ build: liba.so = ../got_leads_to_the_binder/lib.c -Dwho=a -Wl,--hash-style=sysv -l:libs.so
//@ build: prog = main.c -rdynamic -l:libs.so
//@ stdout: ok

#include "../parts/dynamic.h"

long sum(long, long);
long of_the_program;

static void *by_walking(const struct link_map *map, const char *name)
{
    const ElfW(Sym) *symbols = (const ElfW(Sym) *)value_of(map->l_ld, DT_SYMTAB);
    const char *strings = (const char *)value_of(map->l_ld, DT_STRTAB);
    const uint32_t *gnu = (const uint32_t *)value_of(map->l_ld, DT_GNU_HASH);
    const uint32_t *sysv = (const uint32_t *)value_of(map->l_ld, DT_HASH);
    uint32_t count = sysv ? sysv[1] : 0;
    if (!sysv && gnu) {
        const uint32_t *buckets = gnu + 4 + 2 * gnu[2], *chains = buckets + gnu[0];
        for (uint32_t i = 0; i < gnu[0]; i++)
            if (buckets[i] > count)
                count = buckets[i];
        while (count && !(chains[count - gnu[1]] & 1))
            count++;
        count++;
    }
    for (uint32_t i = 0; i < count; i++)
        if (symbols[i].st_shndx != SHN_UNDEF && strcmp(strings + symbols[i].st_name, name) == 0)
            return (void *)(map->l_addr + symbols[i].st_value);
    return NULL;
}

int main(void)
{
    struct link_map *library = opened("liba.so", RTLD_NOW);
    void *tree[5] = {0};
    for (struct link_map *map = opened(NULL, RTLD_NOW); map; map = map->l_next) {
        if (strstr(map->l_name, "vdso")) // its addresses are those of its file
            continue;
        static const char *const names[] = {"of_the_program", "sum", "qsort", "_dl_find_object", "a"};
        for (int i = 0; i < 5; i++)
            if (!tree[i])
                tree[i] = by_walking(map, names[i]);
    }
    check_eq(tree[0], &of_the_program);
    check_eq(tree[1], found(RTLD_DEFAULT, "sum"));
    check_eq(tree[2], found(RTLD_DEFAULT, "qsort"));
    check_eq(tree[3], found(RTLD_DEFAULT, "_dl_find_object"));
    check_eq(tree[4], found(library, "a"));
    check_eq(((long (*)(long, long))tree[1])(1, 2), sum(1, 2));
    say("ok\n");
}
