//@ about: An IFUNC resolver that dlopen runs is left by longjmp: what dlopen had brought stays for good, without constructors, and holds what it needs; the thread goes on to open, to close for good and to iterate, while other threads' dlopen waits
//@ libc: glibc
//@ build: libneeded.so = lib.c -DWHO=needed
//@ build: libother.so = lib.c -DWHO=other
//@ build: libres.so = lib.c -DWHO=res -DLEAVES -fno-plt -Wl,--no-as-needed -l:libneeded.so
//@ build: prog = main.c -rdynamic -pthread
//@ stdout: needed begins
//@ stdout: other begins
//@ stdout: left
//@ stdout: other ends
//@ stdout: other begins
//@ stdout: other ends
//@ stdout: the other thread waits
//@ stdout: needed ends

#include "../parts/dl.h"
#include <setjmp.h>
#include <time.h>

static jmp_buf out;
static bool leaves = true;
void leave(void)
{
    if (leaves)
        longjmp(out, 1);
}

static void *opens(void *name)
{
    opened(name, RTLD_NOW);
    say("open\n");
    return NULL;
}

int main(void)
{
    void *needed = opened("libneeded.so", RTLD_NOW), *other = opened("libother.so", RTLD_NOW);
    if (setjmp(out) == 0) {
        dlopen("libres.so", RTLD_NOW);
        check(!"left");
    }
    say("left\n");
    closed(other);
    check_gone("libother.so");
    closed(opened("libother.so", RTLD_NOW));
    check_gone("libother.so");
    closed(needed);
    check_here("libneeded.so");
    leaves = false;
    for (int i = 0; i < 2; i++) {
        closed(opened("libres.so", RTLD_NOW));
        check(mappings("libres.so") > 0);
    }
    struct timespec end;
    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_nsec += 200000000;
    end.tv_sec += end.tv_nsec / 1000000000;
    end.tv_nsec %= 1000000000;
    pthread_t thread = started(opens, "libother.so");
    check_eq(pthread_timedjoin_np(thread, NULL, &end), ETIMEDOUT);
    say("the other thread waits\n");
}
