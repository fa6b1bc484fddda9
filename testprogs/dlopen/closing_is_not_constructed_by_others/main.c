//@ about: A thread that has to take a library as it is while another one closes it constructs nothing that goes with it.
//@ libc: glibc
//@ build: liba.so = lib.c -DWHO="a" -DMINE=a -DNEEDED=b -Wl,-soname,liba.so
//@ build: libb.so = lib.c -DWHO="b" -DMINE=b -DNEEDED=a -Wl,-soname,libb.so -Wl,--no-as-needed -l:liba.so
//@ build: liba.so = lib.c -DWHO="a" -DMINE=a -DNEEDED=b -Wl,-soname,liba.so -Wl,--no-as-needed -l:libb.so
//@ build: libq.so = lib.c -DWHO="q" -Wl,-soname,libq.so
//@ build: prog = main.c -rdynamic -pthread
//@ stdout: +q
//@ stdout: +b
//@ stdout: left
//@ stdout: -b
//@ stdout: -q
//@ stdout: +q
//@ stdout: -q
//@ stdout: ok
//@ oracle: no: glibc's lock stays taken where a constructor was left

#include "../parts/dl.h"
#include <setjmp.h>
#include <sys/syscall.h>

static jmp_buf away;
static atomic_int closing_b, closing_q, opens_q;
static int closed_q;

// Until that thread of this process sleeps in futex(): it waits for what this one closes.
static void until_it_waits(pid_t thread)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/self/task/%d/syscall", thread);
    for (long call = -1; call != SYS_futex; usleep(100)) {
        FILE *file = must(fopen(path, "r"));
        if (fscanf(file, "%ld", &call) != 1)
            call = -1; // "running"
        fclose(file);
    }
}

void happens(const char *what)
{
    say("%s\n", what);
    if (strcmp(what, "+b") == 0)
        longjmp(away, 1);
    // One destructor waits for the other thread's, which so cannot wait for it.
    if (strcmp(what, "-b") == 0) {
        atomic_store(&closing_b, 1);
        while (!atomic_load(&closing_q))
            usleep(100);
        atomic_store(&opens_q, gettid());
        closed(opened("libq.so", RTLD_NOW));
    }
    if (strcmp(what, "-q") == 0 && !closed_q++) {
        atomic_store(&closing_q, 1);
        while (!atomic_load(&opens_q))
            usleep(100);
        until_it_waits(atomic_load(&opens_q));
        void *b = opened("libb.so", RTLD_NOW);
        check_eq(((int (*)(void))found(b, "both"))(), 2);
        closed(b);
    }
}
static void *closes_q(void *q)
{
    while (!atomic_load(&closing_b))
        usleep(100);
    closed(q);
    return NULL;
}

int main(void)
{
    alarm(10);
    pthread_t thread = started(closes_q, opened("libq.so", RTLD_NOW));
    if (setjmp(away) == 0)
        opened("liba.so", RTLD_NOW);
    say("left\n");
    void *a = must(dlopen("liba.so", RTLD_NOW | RTLD_NOLOAD));
    closed(a);
    closed(a);
    joined(thread);
    static const char *const files[] = {"/liba.so", "/libb.so", "/libq.so"};
    for (int i = 0; i < 3; i++)
        check_gone(files[i]);
    say("ok\n");
}
