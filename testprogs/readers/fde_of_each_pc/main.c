//@ about: For code of the program, of libraries and of the loader dl_iterate_phdr leads to .eh_frame_hdr and its table to the function, as libunwind and LLVM's unwinder look; what they remember by adds and subs is right
//@ axes: ld=bfd,lld,mold pie=pie,nopie
//@ libc: glibc
//@ build: libs.so = ../got_leads_to_the_binder/f.c
//@ build: liba.so = ../got_leads_to_the_binder/lib.c -Dwho=a -l:libs.so
//@ build: prog = main.c -l:libs.so
//@ stdout: ok

#include "../parts/dynamic.h"
#include <stddef.h>

long sum(long, long);

struct search {
    ElfW(Addr) pc, start;
    const ElfW(Phdr) *frames;
    ElfW(Addr) bias;
    unsigned long long adds, subs;
    int objects;
};

static int scan(struct dl_phdr_info *info, size_t size, void *arg)
{
    struct search *search = (struct search *)arg;
    const ElfW(Phdr) *frames = NULL;
    bool holds = false;
    check(size >= offsetof(struct dl_phdr_info, dlpi_subs) + sizeof info->dlpi_subs);
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];
        holds |= header->p_type == PT_LOAD && search->pc - info->dlpi_addr - header->p_vaddr < header->p_memsz;
        if (header->p_type == PT_GNU_EH_FRAME)
            frames = header;
    }
    search->adds = info->dlpi_adds;
    search->subs = info->dlpi_subs;
    search->objects++;
    if (holds) {
        check(!search->frames);
        search->frames = frames;
        search->bias = info->dlpi_addr;
    }
    return 0;
}

// The start of the function that the binary search table has for `pc`.
static struct search look_for(const void *pc)
{
    struct search search = {.pc = (ElfW(Addr))pc};
    dl_iterate_phdr(scan, &search);
    check(search.frames);
    const unsigned char *header = (const unsigned char *)(search.bias + search.frames->p_vaddr);
    check_eq(header[0], 1);    // version
    check_eq(header[1], 0x1b); // eh_frame_ptr: pcrel sdata4
    check_eq(header[2], 0x03); // fde_count: udata4
    check_eq(header[3], 0x3b); // table: datarel sdata4
    unsigned count;
    memcpy(&count, header + 8, 4);
    check(count > 0);
    struct {
        int start, fde;
    } entry;
    long before = INT32_MIN;
    for (unsigned i = 0; i < count; i++) {
        memcpy(&entry, header + 12 + 8 * i, 8);
        check(entry.start >= before);
        before = entry.start;
        if ((ElfW(Addr))header + entry.start <= search.pc)
            search.start = (ElfW(Addr))header + entry.start;
    }
    return search;
}

int main(void)
{
    struct search first = look_for((void *)main);
    check_eq(first.start, main);
    check_eq(sum(1, 2), 3);
    void *of_start = found(opened("libs.so", RTLD_NOW), "sum");
    check_eq(look_for(of_start).start, of_start);
    void *function = found(RTLD_DEFAULT, "qsort"), *binder = found(RTLD_DEFAULT, "_dl_find_object");
    check_eq(look_for((char *)function + 1).start, function);
    check_eq(look_for(binder).start, binder);
    void *library = opened("liba.so", RTLD_NOW), *of_library = found(library, "a");
    struct search second = look_for(of_library);
    check_eq(second.start, of_library);
    check_eq(second.adds, first.adds + 1);
    check_eq(second.subs, first.subs);
    check_eq(second.objects, first.objects + 1);
    closed(library);
    struct search third = look_for((void *)main);
    check_eq(third.adds, second.adds);
    check_eq(third.subs, second.subs + 1);
    check_eq(third.objects, first.objects);
    say("ok\n");
}
