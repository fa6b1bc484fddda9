//@ about: Who goes from object to object by the DT_NEEDED names in memory reaches each that was loaded, as druntime does; of opened objects too
//@ axes: ld=bfd,lld,mold
//@ libc: glibc
//@ build: libc1.so = lib.c -DNAME=c1
//@ build: libb1.so = lib.c -DNAME=b1 -Wl,--no-as-needed -l:libc1.so
//@ build: libz9.so = lib.c -DNAME=z9
//@ build: liby9.so = lib.c -DNAME=y9 -Wl,--no-as-needed -l:libz9.so
//@ build: prog = main.c -Wl,--no-as-needed -l:libb1.so
//@ stdout: libb1.so libc.so.6 libc1.so
//@ stdout: liby9.so libc.so.6 libz9.so

#include "../parts/dynamic.h"

static const char *names[32];
static int count;

static void visit(const struct link_map *map)
{
    const char *strings = (const char *)value_of(map->l_ld, DT_STRTAB);
    for (const ElfW(Dyn) *entry = map->l_ld; entry->d_tag != DT_NULL; entry++) {
        if (entry->d_tag != DT_NEEDED)
            continue;
        const char *name = strings + entry->d_un.d_val;
        void *handle = must(dlopen(name, RTLD_LAZY | RTLD_NOLOAD));
        bool known = strncmp(name, "ld-", 3) == 0;
        for (int i = 0; i < count; i++)
            known |= strcmp(names[i], name) == 0;
        if (!known) {
            check(count < 32);
            names[count++] = name;
            visit((const struct link_map *)handle);
        }
        closed(handle);
    }
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char **)a, *(const char **)b);
}

static void tell(void *handle, const char *first)
{
    count = 0;
    visit((const struct link_map *)handle);
    qsort(names, count, sizeof *names, by_name);
    say("%s", first);
    for (int i = 0; i < count; i++)
        if (strcmp(names[i], first) != 0)
            say(" %s", names[i]);
    say("\n");
}

int main(void)
{
    tell(opened(NULL, RTLD_NOW), "libb1.so");
    tell(opened("liby9.so", RTLD_NOW), "liby9.so");
}
