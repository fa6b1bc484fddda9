#include "many.h"
#include <string.h>

FUNCTIONS(DEFINE)

int in_a_handler(int number) { return number + 1; }

__attribute__((visibility("hidden"))) struct registers got, copy;
static int resolver_ran;

// As it arrives.
__asm__(".text\n .globl take\n .type take, @function\n take: .globl taken\n .hidden taken\n taken:\n"
        "lea got(%rip), %r11\n cmpl $0, 576(%r11)\n je 1f\n"
        ".irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n vmovups %ymm\\n, \\n*32(%r11)\n .endr\n jmp 2f\n"
        "1: .irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n movups %xmm\\n, \\n*32(%r11)\n .endr\n"
        "2: mov %rdi, 512(%r11)\n mov %rsi, 520(%r11)\n mov %rdx, 528(%r11)\n mov %rcx, 536(%r11)\n"
        "mov %r8, 544(%r11)\n mov %r9, 552(%r11)\n mov %rax, 560(%r11)\n\n ret\n"
        ".size take, . - take\n");
extern void taken(void) __attribute__((visibility("hidden")));

void forget(void)
{
    memset(&got, 0, sizeof got);
    got.avx = __builtin_cpu_supports("avx") != 0;
}

const struct registers *seen(void)
{
    copy = got;
    return &copy;
}

int asked(void) { return resolver_ran; }

static void *resolve_take(void)
{
    resolver_ran++;
    unsigned a = 1, b, c = 0, d;
    __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    if ((c >> 27 & 3) == 3) // OSXSAVE and AVX
        __asm__ volatile("vzeroall" ::: "memory");
    else
        __asm__ volatile("pxor %%xmm0, %%xmm0\n pxor %%xmm9, %%xmm9" ::: "memory");
    return (void *)taken;
}
void take_chosen(void) __attribute__((ifunc("resolve_take")));
