//@ about: Where functions may be bound lazily, GOT[1] is the link map and GOT[2] the binder, of start-up's objects and of opened ones, and the binder can be called as the PLT does; where they are bound now both stay as the link editor left them
//@ axes: ld=bfd,lld,gold opt=-O2 pie=pie,nopie
//@ libc: glibc
//@ build: libf.so = f.c
//@ build: liba.so = lib.c -Wl,-z,lazy -l:libf.so -Dwho=a
//@ build: libb.so = lib.c -Wl,-z,lazy -l:libf.so -Dwho=b
//@ build: libc1.so = lib.c -Wl,-z,lazy -l:libf.so -Dwho=c1
//@ build: libn.so = lib.c -Wl,-z,now -l:libf.so -Dwho=n
//@ build: prog = main.c -Wl,-z,lazy -l:liba.so -l:libf.so
//@ stdout: ok

#include "../parts/dynamic.h"

long sum(long x, long y);
long a(long x);

__asm__("through_the_binder:\n"
        "    push %r8\n"
        "    push %rdx\n"
        "    jmp *%rcx\n");
long through_the_binder(long x, long y, void *map, void *binder, size_t index);

static void **got_of(const struct link_map *map)
{
    return (void **)value_of(map->l_ld, DT_PLTGOT);
}

// The PLT slot of `sum` in an object.
static size_t slot_of_sum(const struct link_map *map)
{
    const ElfW(Rela) *slots = (const ElfW(Rela) *)value_of(map->l_ld, DT_JMPREL);
    const ElfW(Sym) *symbols = (const ElfW(Sym) *)value_of(map->l_ld, DT_SYMTAB);
    const char *strings = (const char *)value_of(map->l_ld, DT_STRTAB);
    size_t count = value_of(map->l_ld, DT_PLTRELSZ) / sizeof *slots;
    for (size_t i = 0; i < count; i++)
        if (strcmp(strings + symbols[ELF64_R_SYM(slots[i].r_info)].st_name, "sum") == 0)
            return i;
    check(!"a slot of sum");
    return 0;
}

static void is_lazy(struct link_map *map)
{
    void **got = got_of(map);
    Dl_info info;
    check_eq(got[1], map);
    check(got[2] && dladdr(got[2], &info));
    check(strstr(info.dli_fname, "/ld-"));
    check_eq(through_the_binder(40, 2, got[1], got[2], slot_of_sum(map)), 42);
    // Who calls it in the place of the PLT finds the slot bound.
    const ElfW(Rela) *slot = (const ElfW(Rela) *)value_of(map->l_ld, DT_JMPREL) + slot_of_sum(map);
    long (**word)(long, long) = (long (**)(long, long))(map->l_addr + slot->r_offset);
    check_eq((*word)(1, 2), 3);
    *word = NULL;
    check_eq(through_the_binder(1, 2, got[1], got[2], slot_of_sum(map)), 3);
    check(*word && (*word)(3, 4) == 7);
}

static long call(void *library, const char *name, long x)
{
    return ((long (*)(long))found(library, name))(x);
}

int main(void)
{
    struct link_map *program = opened(NULL, RTLD_NOW), *map;
    check_eq(sum(1, 2), 3);
    is_lazy(program);
    check_eq(a(1), 2);
    map = opened("liba.so", RTLD_NOW);
    is_lazy(map);
    map = opened("libb.so", RTLD_LAZY);
    is_lazy(map);
    check_eq(call(map, "b", 2), 3);
    is_lazy(map);
    closed(map);
    map = opened("libc1.so", RTLD_NOW); // not lazily
    check_eq(got_of(map)[1], 0);
    check_eq(got_of(map)[2], 0);
    check_eq(call(map, "c1", 3), 4);
    map = opened("libn.so", RTLD_LAZY); // not lazily either
    void **got = got_of(map);
    check(!got || (!got[1] && !got[2]));
    say("ok\n");
}
