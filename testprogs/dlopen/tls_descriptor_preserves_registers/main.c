//@ about: The TLSDESC resolver of an opened library's variable changes rax and nothing else, at the first touch of a thread and later.
//@ axes: ld=bfd,lld,mold,gold
//@ libc: glibc
//@ build: liba.so = ../../tls/descriptor_preserves_registers/library.S
//@ build: prog = main.c -pthread
//@ elf: liba.so has R_X86_64_TLSDESC
//@ stdout: ok

#include "../parts/dl.h"
#include <cpuid.h>

struct registers {
    uint64_t general[16]; // rax rbx rcx rdx rsi rdi rbp (rsp) r8 .. r15
    unsigned char vectors[32][64];
    uint64_t masks[8];
};
static void (*calls[2])(const struct registers *in, struct registers *out, int level);

static int vector_level(void)
{
    enum { OSXSAVE = 1 << 27, AVX = 1 << 28, AVX512F = 1 << 16, YMM_STATE = 6, ZMM_STATE = 0xe6 };
    unsigned a, b, c, d, xcr0, high;
    __cpuid(1, a, b, c, d);
    if (!(c & OSXSAVE) || !(c & AVX))
        return 0;
    __asm__("xgetbv" : "=a"(xcr0), "=d"(high) : "c"(0));
    if ((xcr0 & YMM_STATE) != YMM_STATE)
        return 0;
    __cpuid_count(7, 0, a, b, c, d);
    return (b & AVX512F) && (xcr0 & ZMM_STATE) == ZMM_STATE ? 2 : 1;
}
static void one_level(int level)
{
    static const int widths[] = {16, 32, 64};
    for (int which = 0; which < 2; which++) {
        struct registers in, out;
        unsigned char *bytes = (unsigned char *)&in;
        for (size_t i = 0; i < sizeof in; i++)
            bytes[i] = (unsigned char)(i * 7 + i / 64 + 1);
        for (int i = 0; i < 8; i++)
            in.masks[i] = 0xa501 + i;
        calls[which](&in, &out, level);
        uint64_t thread_pointer;
        __asm__("mov %%fs:0, %0" : "=r"(thread_pointer));
        if (which)
            check_eq(out.general[0] + thread_pointer, 0);
        else
            check_eq(*(uint64_t *)(out.general[0] + thread_pointer), 123);
        for (int i = 1; i < 16; i++)
            if (i != 7)
                check_eq(out.general[i], in.general[i]);
        for (int i = 0; i < (level == 2 ? 32 : 16); i++)
            for (int byte = 0; byte < widths[level]; byte++)
                check_eq(out.vectors[i][byte], in.vectors[i][byte]);
        for (int i = 0; i < 8 && level == 2; i++)
            check_eq((uint16_t)out.masks[i], in.masks[i]);
    }
}
// The first call of a thread is the one that may have to make the block: each level gets a thread of its own.
static void *thread(void *level)
{
    one_level((int)(long)level);
    one_level((int)(long)level);
    return NULL;
}

int main(void)
{
    void *a = opened("liba.so", RTLD_NOW);
    *(void **)&calls[0] = found(a, "present_call");
    *(void **)&calls[1] = found(a, "absent_call");
    for (long level = 0; level <= vector_level(); level++)
        joined(started(thread, (void *)level));
    for (int level = 0; level <= vector_level(); level++)
        one_level(level);
    say("ok\n");
}
