#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <stdlib.h>
#include <sys/mman.h>

static const char *hooked(void) { return "hooked"; }

static int turn(struct dl_phdr_info *info, size_t size, void *protection)
{
    (void)size;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *phdr = info->dlpi_phdr + i;
        unsigned long start = (info->dlpi_addr + phdr->p_vaddr) & -4096;
        unsigned long end = (info->dlpi_addr + phdr->p_vaddr + phdr->p_memsz) & -4096;
        if (phdr->p_type == PT_GNU_RELRO && end > start && mprotect((void *)start, end - start, *(int *)protection))
            _Exit(9);
    }
    return 0;
}

__attribute__((constructor)) static void hook(void)
{
    int open = PROT_READ | PROT_WRITE, closed = PROT_READ;
    dl_iterate_phdr(turn, &open);
    *(const char *(**)(void))dlsym(RTLD_DEFAULT, "slot_of_library") = hooked;
    const char *(*answer)(void) = (const char *(*)(void))dlsym(RTLD_DEFAULT, "answer");
    const char *(**slot)(void) = (const char *(**)(void))dlsym(RTLD_DEFAULT, "slot");
    if (slot && *slot == answer)
        *slot = (const char *(*)(void))dlsym(RTLD_DEFAULT, "other_answer");
    dl_iterate_phdr(turn, &closed);
}
