//@ about: What of the loader may be written, by dl_iterate_phdr, is no more than it uses, as collectors and leak checkers scan all of it; and of what it allocates nothing is there
//@ axes: pie=pie,nopie
//@ libc: glibc
//@ build: liba.so = ../../start/data_limit/lib.c
//@ build: prog = main.c
//@ stdout: ok

#include "../parts/dynamic.h"

static size_t writable;
static ElfW(Addr) place;
static int holders;

static int scan(struct dl_phdr_info *info, size_t size, void *arg)
{
    (void)size, (void)arg;
    const char *file = strrchr(info->dlpi_name, '/');
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        if (segment->p_type != PT_LOAD || !(segment->p_flags & PF_W))
            continue;
        if (file && strncmp(file, "/ld-", 4) == 0)
            writable += segment->p_memsz;
        holders += place - info->dlpi_addr - segment->p_vaddr < segment->p_memsz;
    }
    return 0;
}

// How many objects' writable segments hold `address`.
static int holders_of(const void *address)
{
    place = (ElfW(Addr))address;
    writable = holders = 0;
    dl_iterate_phdr(scan, NULL);
    return holders;
}

int main(void)
{
    static int here;
    void *library = opened("liba.so", RTLD_NOW);
    check_eq(holders_of(&here), 1);
    check_eq(holders_of(library), 0); // a link map
    check_eq(holders_of(((struct link_map *)library)->l_name), 0);
    check_eq(holders_of(((void *(*)(void))found(library, "place"))()), 0);
    check_eq(holders_of(&errno), 0);
    check(writable > 0 && writable <= 48 << 10);
    say("ok\n");
}
