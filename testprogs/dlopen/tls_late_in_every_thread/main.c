//@ about: TLS of opened libraries (every dialect, alignments 64 to 4096, 100 KiB of zeros) is there in threads from before and after, C11 threads, a process that shares the memory (clone), a child of fork, and first touched in a signal handler.
//@ axes: cc=gcc,clang ld=bfd,lld,mold,gold pie=pie,nopie
//@ libc: glibc,musl
//@ build: lib1.so = ../parts/tls.c -DWHO=l1 -DALIGN=64
//@ build: lib2.so = ../parts/tls.c -DWHO=l2 -DALIGN=256 -ftls-model=local-dynamic -DVISIBLE="hidden"
//@ build: lib3.so = ../parts/tls.c -DWHO=l3 -DALIGN=1024 -DSIZE=102400
//@ build: lib4.so = ../parts/tls.c -DWHO=l4 -DALIGN=4096 -fno-plt
//@ build: prog = main.c -pthread
//@ stdout: ok
//@ glibc oracle: no: its first touch allocates, which a signal handler may not

#include "../parts/dl.h"
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>

// As <threads.h> has them in both libcs: the name of that header is taken by one of the claims' own.
int thrd_create(pthread_t *, int (*)(void *), void *), thrd_join(pthread_t, int *);
enum { thrd_success = 0 };

enum { LIBRARIES = 4, OLD = 4, YOUNG = 20 };
static int (*checks[LIBRARIES])(long), (*again[LIBRARIES])(long);
static pthread_barrier_t opened_now;
static __thread volatile int handled;

static void touch(long mark)
{
    for (int i = 0; i < LIBRARIES; i++) {
        check_eq(checks[i](mark + i), 0);
        check_eq(again[i](mark + i), 0);
    }
}
static void handler(int number)
{
    touch(1000 + number);
    handled = 1;
}
static void *by_signal(void *arg)
{
    if (arg)
        pthread_barrier_wait(&opened_now);
    pthread_kill(pthread_self(), SIGUSR1);
    check(handled);
    for (int i = 0; i < LIBRARIES; i++)
        check_eq(again[i](1000 + SIGUSR1 + i), 0);
    return NULL;
}
static int by_c11(void *arg)
{
    touch((long)arg);
    return 5;
}
// Shares memory and thread pointer with the thread that waits for it: its variables, too.
static int by_clone(void *arg)
{
    for (int i = 0; i < LIBRARIES; i++)
        if (again[i]((long)arg + i))
            return 1;
    return 6;
}

int main(void)
{
    pthread_t old[OLD];
    check_eq(pthread_barrier_init(&opened_now, NULL, OLD + 1), 0);
    signal(SIGUSR1, handler);
    for (int i = 0; i < OLD; i++)
        old[i] = started(by_signal, old);
    for (int i = 0; i < LIBRARIES; i++) {
        char text[32];
        snprintf(text, sizeof text, "lib%d.so", i + 1);
        void *library = opened(text, RTLD_NOW);
        snprintf(text, sizeof text, "l%d_check", i + 1);
        checks[i] = (int (*)(long))found(library, text);
        snprintf(text, sizeof text, "l%d_again", i + 1);
        again[i] = (int (*)(long))found(library, text);
    }
    // Before this thread has touched anything.
    pid_t child = fork();
    if (!child) {
        touch(50);
        joined(started(by_signal, NULL));
        _exit(4);
    }
    int status;
    check_eq(waitpid(child, &status, 0), child);
    check_eq(status, 4 << 8);
    pthread_barrier_wait(&opened_now);
    touch(60);
    static char stack[1 << 16] __attribute__((aligned(16)));
    child = clone(by_clone, stack + sizeof stack, CLONE_VM | SIGCHLD, (void *)60);
    check_eq(waitpid(child, &status, 0), child);
    check_eq(status, 6 << 8);
    for (long i = 0; i < YOUNG; i++) {
        pthread_t thread;
        int result;
        joined(started(by_signal, NULL));
        check_eq(thrd_create(&thread, by_c11, (void *)(i + 200)), thrd_success);
        check_eq(thrd_join(thread, &result), thrd_success);
        check_eq(result, 5);
    }
    for (int i = 0; i < OLD; i++)
        joined(old[i]);
    for (int i = 0; i < LIBRARIES; i++)
        check_eq(again[i](60 + i), 0);
    say("ok\n");
}
