//@ about: In a process without a libc the dynamic sections stay as they are in the files
//@ axes: ld=bfd,lld
//@ oracle: differs: glibc's loader relocates them in every process
//@ build: liba.so = lib.c -Wl,--hash-style=both
//@ build: prog = main.c -l:liba.so
//@ stdout: ok

#include "start.h"
#include <link.h>

const ElfW(Dyn) *section_of_the_library(void);
extern const ElfW(Ehdr) __ehdr_start __attribute__((visibility("hidden")));

static void check_section(const ElfW(Dyn) *section)
{
    for (; section->d_tag != DT_NULL; section++)
        if (section->d_tag == DT_STRTAB || section->d_tag == DT_SYMTAB || section->d_tag == DT_GNU_HASH ||
            section->d_tag == DT_HASH)
            check(section->d_un.d_ptr < 0x10000);
}

int main(int argc, char **argv, char **envp)
{
    (void)argc, (void)argv, (void)envp;
    check_section(_DYNAMIC);
    check_section(section_of_the_library());
    print("ok\n");
    return 0;
}
