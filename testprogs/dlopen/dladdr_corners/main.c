//@ about: dladdr: every address between an object's first and last byte is the object's, nothing else is; a symbol is named where it reaches, not by a local, absolute or thread-local one.
//@ axes: ld=bfd,lld,gold
//@ libc: glibc
//@ build: libgnu.so = lib.c -Wl,--hash-style=gnu
//@ build: libsysv.so = lib.c -Wl,--hash-style=sysv
//@ build: prog = main.c -rdynamic
//@ stdout: ok

#include "../parts/dl.h"

static const char *symbol(void *address)
{
    Dl_info info = {0};
    check(dladdr(address, &info));
    return info.dli_sname ? info.dli_sname : "none";
}

struct span {
    const char *name;
    ElfW(Addr) start, end;
};
static int span_of(struct dl_phdr_info *info, size_t size, void *arg)
{
    (void)size;
    struct span *span = arg;
    if (!ends_with(info->dlpi_name, span->name))
        return 0;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        if (segment->p_type != PT_LOAD)
            continue;
        if (!span->start)
            span->start = info->dlpi_addr + (segment->p_vaddr & -4096ul);
        span->end = info->dlpi_addr + segment->p_vaddr + segment->p_memsz;
    }
    return 1;
}

static void walk(const char *name, void *handle)
{
    struct span span = {.name = name};
    dl_iterate_phdr(span_of, &span);
    check(span.start && span.end > span.start + 8192);
    Dl_info info;
    struct link_map *map = NULL;
    for (ElfW(Addr) at = span.start; at < span.end; at += 16) {
        check(dladdr((void *)at, &info) && ends_with(info.dli_fname, name));
        check_eq(info.dli_fbase, span.start);
        check(dladdr1((void *)at, &info, (void **)&map, RTLD_DL_LINKMAP) && (void *)map == handle);
    }
    check(!dladdr((void *)(span.start - 1), &info) || !ends_with(info.dli_fname, name));
    check(!dladdr((void *)span.end, &info) || !ends_with(info.dli_fname, name));
}

static void look_at(const char *path)
{
    void *handle = opened(path, RTLD_NOW);
    walk(path + 1, handle);
    char *sized = found(handle, "sized"), *unsized = found(handle, "unsized"), *data = found(handle, "data");
    check_text(symbol(sized), "sized");
    check_text(symbol(sized + 3), "sized");
    check_text(symbol(sized + 16), "none");
    check_text(symbol(unsized), "unsized");
    check_text(symbol(unsized + 1), "none");
    check_text(symbol(data + 7), "data");
    check_text(symbol(((void *(*)(void))found(handle, "address_of_local"))()), "none");
    Dl_info info = {.dli_fname = "as it was"};
    check(!dladdr(found(handle, "thread_local"), &info));
    check_text(info.dli_fname, "as it was");
    // An absolute symbol of this value is no address.
    char *absolute = found(handle, "absolute");
    check_eq(absolute, 0x40);
    struct span span = {.name = path + 1};
    dl_iterate_phdr(span_of, &span);
    check_text(symbol((void *)(span.start + 0x40)), "none");
    const ElfW(Sym) *entry = NULL;
    check(dladdr1(data + 1, &info, (void **)&entry, RTLD_DL_SYMENT) && entry->st_size == 8);
    check(dladdr1(unsized + 1, &info, (void **)&entry, RTLD_DL_SYMENT) && !entry);
    // Flags that nobody knows ask for nothing.
    void *extra = &extra;
    check(dladdr1(data, &info, &extra, 0) && dladdr1(data, &info, &extra, 3) && extra == &extra);
}

int exported;
int main(void)
{
    Dl_info info;
    look_at("./libgnu.so");
    look_at("./libsysv.so");
    check(!dladdr(NULL, &info) && !dladdr(&info, &info) && !dladdr(malloc(8), &info));
    // The program: as it was started.
    check(dladdr(&exported, &info) && ends_with(info.dli_fname, "prog"));
    check_text(info.dli_sname, "exported");
    // Nor do the names of versions, absolute symbols of value 0, name the first byte.
    struct link_map *libc = opened("libc.so.6", RTLD_NOW);
    check_text(symbol((void *)libc->l_addr), "none");
    say("ok\n");
}
