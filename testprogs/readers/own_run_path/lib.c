#include "own.h"

static int its_section(struct dl_phdr_info *info, size_t size, void *found)
{
    (void)size;
    bool inside = false;
    const ElfW(Dyn) *section = NULL;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];
        ElfW(Addr) start = info->dlpi_addr + header->p_vaddr;
        if (header->p_type == PT_LOAD && (ElfW(Addr))its_section - start < header->p_memsz)
            inside = true;
        if (header->p_type == PT_DYNAMIC)
            section = (const ElfW(Dyn) *)start;
    }
    if (inside)
        *(const ElfW(Dyn) **)found = section;
    return inside;
}

static const ElfW(Dyn) *own(void)
{
    const ElfW(Dyn) *section = NULL;
    check(dl_iterate_phdr(its_section, &section) && section);
    return section;
}

const char *path_of_the_library(void)
{
    return text_of(own(), DT_RUNPATH);
}

const char *name_of_the_library(void)
{
    return text_of(own(), DT_SONAME);
}
