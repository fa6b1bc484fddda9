//@ about: In the child of a threaded fork the dead threads are forgotten: dlopen of TLS libraries, new threads and thread exit work.
//@ libc: glibc
//@ build: liba.so = ../parts/tls.c -DWHO=a
//@ build: libi.so = ../parts/tls.c -DWHO=i -ftls-model=initial-exec
//@ build: libold.so = ../parts/tls.c -DWHO=old
//@ build: prog = main.c -pthread
//@ stdout: ok

#include "../parts/dl.h"
#include <sys/wait.h>

static pthread_barrier_t forked;
static void *waits(void *old_check)
{
    check_eq(((int (*)(long))old_check)(3), 0);
    pthread_barrier_wait(&forked);
    pthread_barrier_wait(&forked);
    return NULL;
}
static void *touches(void *check_of_library)
{
    check_eq(((int (*)(long))check_of_library)(5), 0);
    return NULL;
}

int main(void)
{
    pthread_t threads[8];
    void *old = opened("libold.so", RTLD_NOW);
    touches(found(old, "old_check"));
    pthread_barrier_init(&forked, NULL, 9);
    for (int i = 0; i < 8; i++)
        threads[i] = started(waits, found(old, "old_check"));
    pthread_barrier_wait(&forked);
    pid_t child = fork();
    if (child == 0) {
        check_eq(((int (*)(long))found(old, "old_again"))(5), 0);
        static const char *names[2][2] = {{"liba.so", "a_check"}, {"libi.so", "i_check"}};
        for (int i = 0; i < 20; i++) {
            void *handle = opened(names[i % 2][0], RTLD_NOW);
            void *touch = found(handle, names[i % 2][1]);
            touches(touch);
            joined(started(touches, touch));
            joined(started(touches, found(old, "old_check")));
            closed(handle);
        }
        closed(old);
        _exit(0);
    }
    int status;
    check_eq(waitpid(child, &status, 0), child);
    check_eq(status, 0);
    pthread_barrier_wait(&forked);
    for (int i = 0; i < 8; i++)
        joined(threads[i]);
    say("ok\n");
}
