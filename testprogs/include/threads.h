// Threads without a libc: clone on a mapped stack, the TLS of a thread from the loader. With a libc they are its own.
#ifndef THREADS_H
#define THREADS_H

#include "free.h"

#if __STDC_HOSTED__
#include <pthread.h>

struct thread {
    pthread_t id;
    void (*body)(void *);
    void *arg;
};

unused_ok static void *thread_body(void *arg)
{
    struct thread *t = (struct thread *)arg;
    t->body(t->arg);
    return NULL;
}
unused_ok static void thread_start(struct thread *t, void (*body)(void *), void *arg)
{
    t->body = body;
    t->arg = arg;
    check_eq(pthread_create(&t->id, NULL, thread_body, t), 0);
}
unused_ok static void thread_join(struct thread *t)
{
    check_eq(pthread_join(t->id, NULL), 0);
}
#else

// Exported by the loader, glibc's as well. With NULL the first returns a new thread pointer:
// initialised static TLS below it, the DTV in the word at +8.
void *_dl_allocate_tls(void *);
void _dl_deallocate_tls(void *, _Bool free_tcb);

struct thread {
    int tid; // the kernel clears it and wakes its futex when the thread has ended
    void *stack;
    uintptr_t *tp;
};

enum { THREAD_STACK = 64 << 10 };

unused_ok static void thread_start(struct thread *t, void (*body)(void *), void *arg)
{
    enum {
        VM = 0x100, FS = 0x200, FILES = 0x400, SIGHAND = 0x800, THREAD = 0x10000,
        SYSVSEM = 0x40000, SETTLS = 0x80000, PARENT_SETTID = 0x100000, CHILD_CLEARTID = 0x200000,
    };
    long flags = VM | FS | FILES | SIGHAND | THREAD | SYSVSEM | SETTLS | PARENT_SETTID
        | CHILD_CLEARTID;
    t->tp = (uintptr_t *)_dl_allocate_tls(NULL);
    check(t->tp != NULL);
    // The words a libc would fill in: the self pointers, the canary, the pointer guard.
    t->tp[0] = t->tp[2] = (uintptr_t)t->tp;
    t->tp[5] = fs_word(0x28);
    t->tp[6] = fs_word(0x30);
    t->stack = map_pages(THREAD_STACK);
    check(t->stack != NULL);
    void **top = (void **)((char *)t->stack + THREAD_STACK) - 2;
    top[0] = (void *)body;
    top[1] = arg;

    long ret;
    register int *ctid __asm__("r10") = &t->tid;
    register void *tls __asm__("r8") = t->tp;
    __asm__ volatile("syscall\n\t"
                     "test %%eax, %%eax\n\t"
                     "jnz 1f\n\t"
                     "xor %%ebp, %%ebp\n\t"
                     "pop %%rax\n\t"
                     "pop %%rdi\n\t"
                     "call *%%rax\n\t"
                     "mov %[exit], %%eax\n\t"
                     "xor %%edi, %%edi\n\t"
                     "syscall\n\t"
                     "ud2\n"
                     "1:"
                     : "=a"(ret)
                     : "a"((long)__NR_clone), "D"(flags), "S"(top), "d"(&t->tid), "r"(ctid),
                       "r"(tls), [exit] "i"(__NR_exit)
                     : "rcx", "r11", "memory");
    check(ret > 0);
}

unused_ok static void thread_join(struct thread *t)
{
    enum { FUTEX_WAIT = 0 };
    int tid;
    while ((tid = __atomic_load_n(&t->tid, __ATOMIC_ACQUIRE)) != 0)
        syscall6(__NR_futex, (long)&t->tid, FUTEX_WAIT, tid, 0, 0, 0);
    syscall3(__NR_munmap, t->stack, THREAD_STACK, 0);
    _dl_deallocate_tls(t->tp, 1);
}
#endif

struct barrier {
    int parties, waiting, round;
};

unused_ok static void barrier_wait(struct barrier *b)
{
    int round = __atomic_load_n(&b->round, __ATOMIC_ACQUIRE);
    if (__atomic_add_fetch(&b->waiting, 1, __ATOMIC_ACQ_REL) == b->parties) {
        b->waiting = 0;
        __atomic_store_n(&b->round, round + 1, __ATOMIC_RELEASE);
        return;
    }
    while (__atomic_load_n(&b->round, __ATOMIC_ACQUIRE) == round)
        syscall3(__NR_sched_yield, 0, 0, 0);
}

#endif
