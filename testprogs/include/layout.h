// Where TLS blocks have to be, from the psABI's formula for variant II and nothing else:
// module 1 ends at the thread pointer, each later one lies below its predecessor, every block is
// congruent to p_vaddr modulo p_align. Under a libc that lays blocks out itself, only congruence, the thread's own
// block and its image can be asked for.
#ifndef LAYOUT_H
#define LAYOUT_H

#include "free.h"
#include <elf.h>

#ifdef __cplusplus
#error "C only"
#endif

// An object's own header, from its linker.
extern const Elf64_Ehdr __ehdr_start __attribute__((visibility("hidden")));

struct tls_module {
    const Elf64_Phdr *segment; // PT_TLS as the file says it
    const char *image;         // where p_vaddr lies in memory
    unsigned long id;          // the loader's number, from the GOT
    char *block;               // of the calling thread, from __tls_get_addr
};

// `variable` must be thread-local and code that names it must not be relaxed (a shared object).
// The relocations are those of a compiler's general-dynamic sequence; between the two the address
// of the GOT entry is kept. Callers are not asked to have an aligned stack, `skew` lowers it.
#define tls_get_addr(variable, index_, address_, skew)                                       \
    __asm__ volatile("mov %%rsp, %%rbx\n\t"                                                  \
                     "sub $128, %%rsp\n\t"                                                   \
                     "and $-16, %%rsp\n\t"                                                   \
                     "sub %2, %%rsp\n\t"                                                     \
                     ".byte 0x66\n\t"                                                        \
                     "lea " #variable "@tlsgd(%%rip), %%rdi\n\t"                             \
                     "mov %%rdi, %%r12\n\t"                                                  \
                     ".value 0x6666\n\t"                                                     \
                     "rex64 call __tls_get_addr@PLT\n\t"                                     \
                     "mov %%rbx, %%rsp\n\t"                                                  \
                     "mov %%r12, %0"                                                         \
                     : "=&r"(index_), "=&a"(address_)                                        \
                     : "i"(skew)                                                             \
                     : "rbx", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12",   \
                       "memory", "cc", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5",       \
                       "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13",   \
                       "xmm14", "xmm15")

unused_ok static const Elf64_Phdr *find_segment(const Elf64_Phdr *table, size_t n, unsigned type)
{
    for (size_t i = 0; i < n; i++)
        if (table[i].p_type == type)
            return &table[i];
    return NULL;
}

// Of the object that contains this code; its first PT_LOAD starts with the file.
unused_ok static void own_segment(struct tls_module *m)
{
    const char *file = (const char *)&__ehdr_start;
    const Elf64_Phdr *table = (const Elf64_Phdr *)(file + __ehdr_start.e_phoff);
    const Elf64_Phdr *first = find_segment(table, __ehdr_start.e_phnum, PT_LOAD);
    m->segment = find_segment(table, __ehdr_start.e_phnum, PT_TLS);
    check(m->segment != NULL && first != NULL && first->p_offset == 0);
    m->image = file + (m->segment->p_vaddr - first->p_vaddr);
}

#define find_own_module(m, variable)                                                         \
    do {                                                                                     \
        const unsigned long *index_;                                                         \
        char *address_;                                                                      \
        own_segment(m);                                                                      \
        tls_get_addr(variable, index_, address_, 0);                                         \
        (m)->id = index_[0];                                                                 \
        (m)->block = address_ - index_[1];                                                   \
    } while (0)

// The distance from a block to the thread pointer when `used` bytes above it are taken.
unused_ok static unsigned long distance(unsigned long used, const Elf64_Phdr *tls)
{
    unsigned long align = tls->p_align ? tls->p_align : 1;
    unsigned long end = used + tls->p_memsz;
    return end + (-(end + tls->p_vaddr) & (align - 1));
}

// The calling thread's block of a module is where formula, module id and DTV say, each alike.
// Returns the bytes used up to and including it.
unused_ok static unsigned long check_block(unsigned long used, const struct tls_module *m,
                                           unsigned long id)
{
    char *tp = (char *)fs_word(0);
    unsigned long align = m->segment->p_align ? m->segment->p_align : 1;
    unsigned long offset = distance(used, m->segment);
    check_eq(((unsigned long)m->block - m->segment->p_vaddr) % align, 0);
#if __STDC_HOSTED__
    (void)id;
    check(m->block < tp);
#else
    check_eq(m->id, id);
    check_eq(m->block, tp - offset);
    check_eq((unsigned long)tp % align, 0);
    // glibc's shape, which debuggers read: 16-byte entries, the block first.
    char **dtv = ((char ***)tp)[1];
    check_eq(dtv[2 * id], m->block);
#endif
    return offset;
}

// The bytes of the block are those of the image, then zeros.
unused_ok static void check_image(const struct tls_module *m)
{
    for (unsigned long i = 0; i < m->segment->p_memsz; i++)
        check_eq(m->block[i], i < m->segment->p_filesz ? m->image[i] : 0);
}

#endif
