// The dynamic section of an object in memory beside that in its file.
#ifndef DYNAMIC_H
#define DYNAMIC_H
#include "../../dlopen/parts/dl.h"
#include <fcntl.h>

#ifndef DT_RELR
#define DT_RELR 36
#endif

// What glibc's loader makes an address of.
static const long relocated_tags[] = {DT_HASH,   DT_PLTGOT, DT_STRTAB, DT_SYMTAB,  DT_RELA,
                                      DT_JMPREL, DT_VERSYM, DT_RELR,   DT_GNU_HASH};

static unused_ok bool is_relocated(long tag)
{
    for (unsigned i = 0; i < sizeof relocated_tags / sizeof *relocated_tags; i++)
        if (relocated_tags[i] == tag)
            return true;
    return false;
}

static unused_ok ElfW(Addr) value_of(const ElfW(Dyn) *section, long tag)
{
    for (; section->d_tag != DT_NULL; section++)
        if (section->d_tag == tag)
            return section->d_un.d_val;
    return 0;
}

// How many entries of the section at `memory` are the file's with `bias` added. All others are to be the file's.
static unused_ok int relocated_entries(const char *path, const ElfW(Dyn) *memory, ElfW(Addr) bias)
{
    static ElfW(Dyn) entries[1024];
    ElfW(Ehdr) header;
    ElfW(Phdr) table[64];
    int file = open(path, O_RDONLY | O_CLOEXEC), count = 0;
    if (file < 0)
        dprintf(2, "%s: ", path);
    check(file >= 0);
    check_eq(pread(file, &header, sizeof header, 0), sizeof header);
    check(header.e_phnum <= 64);
    check_eq(pread(file, table, sizeof *table * header.e_phnum, header.e_phoff), sizeof *table * header.e_phnum);
    for (int i = 0; i < header.e_phnum; i++)
        if (table[i].p_type == PT_DYNAMIC) {
            check(table[i].p_filesz <= sizeof entries);
            check_eq(pread(file, entries, table[i].p_filesz, table[i].p_offset), table[i].p_filesz);
        }
    close(file);
    for (int i = 0; entries[i].d_tag != DT_NULL; i++) {
        check_eq(memory[i].d_tag, entries[i].d_tag);
        ElfW(Addr) difference = memory[i].d_un.d_val - entries[i].d_un.d_val;
        if (entries[i].d_tag == DT_DEBUG)
            continue;
        if (difference != 0 && difference != bias)
            dprintf(2, "%s: tag %#lx: %#lx\n", path, (long)entries[i].d_tag, (long)memory[i].d_un.d_val);
        check(difference == 0 || (difference == bias && is_relocated(entries[i].d_tag)));
        count += difference != 0;
    }
    return count;
}

// All of the section's addresses are those of memory, and more than `least` of them.
static unused_ok void check_relocated(const char *path, const ElfW(Dyn) *memory, ElfW(Addr) bias, int least)
{
    int expected = 0;
    for (const ElfW(Dyn) *entry = memory; entry->d_tag != DT_NULL; entry++)
        expected += bias != 0 && is_relocated(entry->d_tag);
    check(bias == 0 || expected >= least);
    check_eq(relocated_entries(path, memory, bias), expected);
}
#endif
