//@ about: A TLSDESC resolver changes rax and nothing else: every general register, vector register (xmm, ymm or zmm with masks, as the processor has them) comes back as it went in.
//@ axes: cc=gcc,clang ld=bfd,lld,mold,gold
//@ libc: none,musl
//@ build: liba.so = library.S
//@ build: prog = main.c -l:liba.so
//@ elf: liba.so has R_X86_64_TLSDESC
//@ sh: readelf -Wr liba.so | grep 'R_X86_64_TLSDESC.* absent'
//@ stdout: ok
//@ musl oracle: differs: musl reads the symbol that is not there

// For the two resolvers that start-up uses: of a block at a fixed offset, and of an undefined
// weak variable.
#include "start.h"
#include "threads.h"
#include <cpuid.h>

struct registers {
    uint64_t general[16]; // rax rbx rcx rdx rsi rdi rbp (rsp) r8 .. r15
    unsigned char vectors[32][64];
    uint64_t masks[8];
};
void present_call(const struct registers *in, struct registers *out, int level);
void absent_call(const struct registers *in, struct registers *out, int level);

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

static void check_registers(void *unused)
{
    (void)unused;
    const int most = vector_level();
    static const int widths[] = {16, 32, 64};
    for (int level = 0; level <= most; level++) {
        for (int absent = 0; absent < 2; absent++) {
            struct registers in, out;
            unsigned char *bytes = (unsigned char *)&in;
            for (size_t i = 0; i < sizeof in; i++)
                bytes[i] = (unsigned char)(i * 7 + i / 64 + 1);
            for (int i = 0; i < 8; i++)
                in.masks[i] = 0xa501 + i;
            (absent ? absent_call : present_call)(&in, &out, level);
            if (absent)
                check_eq(out.general[0] + fs_word(0), 0);
            else
                check_eq(*(uint64_t *)(out.general[0] + fs_word(0)), 123);
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
}

int main(int argc, char **argv, char **envp)
{
    (void)argc, (void)argv, (void)envp;
    check_registers(NULL);
    struct thread thread;
    thread_start(&thread, check_registers, NULL);
    thread_join(&thread);
    print("ok\n");
    return 0;
}
