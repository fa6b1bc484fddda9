//@ about: a function of a large object is bound by its first call, which finds every register as it was set, in any thread
//@ axes: cc=gcc,clang ld=bfd,lld,mold,gold pie=pie,nopie
//@ libc: glibc
//@ build: libmany.so = many.c
//@ build: prog = main.c -pthread -Wl,-z,lazy -l:libmany.so
//@ elf: prog has R_X86_64_JUMP_SLO
//@ elf: prog lacks BIND_NOW

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "many.h"

#define check(condition)                                                                                              \
    do {                                                                                                              \
        if (!(condition))                                                                                             \
            printf("%d: %s\n", __LINE__, #condition), exit(1);                                                        \
    } while (0)

// Enough of them that the object is one whose functions wait.
FUNCTIONS(DECLARE)
static int (*const call[])(int) = {FUNCTIONS(CALLER_NAME)};
FUNCTIONS(CALLER)

struct registers want;

// Sets every register that a call may hand something over in, and xmm8 to xmm15.
#define ENTER(callee)                                                                                                 \
    "push %rbx\n push %rbp\n mov %rsp, %rbp\n and $-32, %rsp\n"                                                       \
    "lea want(%rip), %r11\n cmpl $0, 576(%r11)\n je 1f\n"                                                             \
    ".irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n vmovups \\n*32(%r11), %ymm\\n\n .endr\n jmp 2f\n"                   \
    "1: .irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n movups \\n*32(%r11), %xmm\\n\n .endr\n"                          \
    "2: mov 512(%r11), %rdi\n mov 520(%r11), %rsi\n mov 528(%r11), %rdx\n mov 536(%r11), %rcx\n"                      \
    "mov 544(%r11), %r8\n mov 552(%r11), %r9\n mov 560(%r11), %rax\n\n"                           \
    "call " callee "@PLT\n mov %rbp, %rsp\n pop %rbp\n pop %rbx\n ret\n"
__asm__(".text\n enter_plain:\n" ENTER("take") "enter_chosen:\n" ENTER("take_chosen"));
void enter_plain(void), enter_chosen(void);

static void registers_arrive(void (*enter)(void))
{
    for (int i = 0; i < 2; i++) { // the second call does not come through the binder
        forget();
        enter();
        check(!memcmp(seen(), &want, sizeof want));
    }
}

static void *call_all(void *unused)
{
    for (int i = 0; i < COUNT; i++)
        check(call[i](i) == 2 * i);
    return unused;
}

static volatile sig_atomic_t answer;
static void handler(int number) { answer = in_a_handler(number); }

int main(void)
{
    unsigned char *bytes = (unsigned char *)&want;
    for (unsigned i = 0; i < sizeof want; i++)
        bytes[i] = (unsigned char)(i * 7 + 1);
    want.word[7] = want.zero = 0;
    want.avx = __builtin_cpu_supports("avx") != 0;
    if (!want.avx)
        for (int i = 0; i < 16; i++)
            memset(want.vector[i] + 16, 0, 16);
    registers_arrive(enter_plain);

    // The resolver, which changes vector registers, is not asked before the first call.
    check(asked() == 0);
    registers_arrive(enter_chosen);
    check(asked() == 1);

    signal(SIGUSR1, handler);
    raise(SIGUSR1);
    check(answer == SIGUSR1 + 1);

    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        check(!pthread_create(&threads[i], NULL, call_all, NULL));
    for (int i = 0; i < 4; i++)
        check(!pthread_join(threads[i], NULL));
    return 0;
}
