//@ about: libc.so, libc.musl-x86_64.so.1, libm.so, libpthread.so.0 and musl's own path are one object, which is in the list once and is not loaded again
//@ libc: musl
//@ build: prog = main.c
//@ stdout: ok

#include "../../dlopen/parts/dl.h"
#include <sys/stat.h>

static int count;
static int see_libc(struct dl_phdr_info *info, size_t size, void *arg)
{
    (void)size, (void)arg;
    const ElfW(Phdr) *p = info->dlpi_phdr;
    for (int i = 0; i < info->dlpi_phnum; i++)
        if (p[i].p_type == PT_LOAD && (uintptr_t)exit - info->dlpi_addr - p[i].p_vaddr < p[i].p_memsz)
            count++;
    return 0;
}

int main(void)
{
    void *libc = opened("libc.so", RTLD_NOW | RTLD_NOLOAD);
    check_eq(dlsym(libc, "exit"), exit);
    check_eq(dlopen("libc.so", RTLD_NOW), libc);
    check_eq(dlsym(opened("/lib/ld-musl-x86_64.so.1", RTLD_NOW), "exit"), exit);
    check_eq(dlsym(opened("libc.musl-x86_64.so.1", RTLD_NOW), "exit"), exit);
    check_eq(dlsym(opened("libm.so", RTLD_NOW), "exit"), exit);
    check_eq(dlsym(opened("libpthread.so.0", RTLD_NOW), "pthread_create"), pthread_create);
    check_eq(dl_iterate_phdr(see_libc, NULL), 0);
    check_eq(count, 1);
    Dl_info info;
    check(dladdr(exit, &info));
    check_text(info.dli_sname, "exit");
    check_eq(info.dli_saddr, exit);
    say("ok\n");
}
