//@ about: _dl_find_object knows range, link_map and unwind table of an opened object and forgets it after dlclose.
//@ libc: glibc
//@ build: liba.so = ../parts/speaks.c -DWHO=a -DSILENT -Wl,--eh-frame-hdr
//@ build: prog = main.c
//@ elf: liba.so has GNU_EH_FRAME
//@ stdout: ok

#include "../parts/dl.h"

static const ElfW(Phdr) *eh_frame;
static ElfW(Addr) bias;
static int find_eh_frame(struct dl_phdr_info *info, size_t size, void *unused)
{
    (void)size, (void)unused;
    if (ends_with(info->dlpi_name, "/liba.so"))
        for (int i = 0; i < info->dlpi_phnum; i++)
            if (info->dlpi_phdr[i].p_type == PT_GNU_EH_FRAME)
                eh_frame = &info->dlpi_phdr[i], bias = info->dlpi_addr;
    return 0;
}

int main(void)
{
    struct dl_find_object result;
    check_eq(_dl_find_object((void *)main, &result), 0);
    check_eq(result.dlfo_link_map, dlopen(NULL, RTLD_LAZY));
    check(_dl_find_object(NULL, &result) != 0);
    void *a = opened("liba.so", RTLD_NOW);
    char *f = (char *)found(a, "a");
    check_eq(_dl_find_object(f, &result), 0);
    check((char *)result.dlfo_map_start <= f && f < (char *)result.dlfo_map_end);
    check_eq(result.dlfo_link_map, a);
    dl_iterate_phdr(find_eh_frame, NULL);
    check(eh_frame);
    check_eq(result.dlfo_eh_frame, bias + eh_frame->p_vaddr);
    closed(a);
    check(_dl_find_object(f, &result) != 0);
    say("ok\n");
}
