//@ about: A constructor, or a destructor of dlclose, that is left by longjmp, pthread_exit or cancellation holds nobody up: other threads open that library and others, and fork at once.
//@ libc: glibc
//@ sh: for i in 0 1 2 3 4 5; do $CC $CFLAGS -shared -fPIC $SRC/lib.c -o libv$i.so; done
//@ build: liba.so = ../parts/tls.c -DWHO=a
//@ build: prog = main.c -rdynamic -pthread
//@ stdout: ok
//@ oracle: no: glibc's lock stays taken

#include "../parts/dl.h"
#include <setjmp.h>
#include <sys/wait.h>
#include <time.h>

enum how { JUMP, EXIT, SLEEP };
static __thread jmp_buf away;
static __thread int how = -1, when;
static atomic_int sleeping, returned;

void leaves(int in_destructor)
{
    if (how < 0 || in_destructor != when)
        return;
    if (how == JUMP)
        longjmp(away, 1);
    if (how == EXIT)
        pthread_exit(NULL);
    atomic_store(&sleeping, 1);
    for (;;)
        sleep(1);
}

struct task {
    const char *name;
    int how, when;
};

static void *leaver(void *argument)
{
    struct task *task = argument;
    how = task->how;
    when = task->when;
    if (setjmp(away) == 0)
        closed(opened(task->name, RTLD_NOW));
    how = -1;
    atomic_store(&returned, 1);
    // The thread lives on, asleep, and does not come to the loader again.
    for (;;)
        sleep(1);
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec + now.tv_nsec / 1e9;
}

static void *others(void *name)
{
    double begin = seconds();
    for (int i = 0; i < 3; i++) {
        pid_t child = fork();
        if (child == 0) {
            void *a = opened("liba.so", RTLD_NOW);
            check_eq(((int (*)(long))found(a, "a_check"))(4), 0);
            opened((const char *)name, RTLD_NOW);
            _exit(0);
        }
        int status;
        check_eq(waitpid(child, &status, 0), child);
        check_eq(status, 0);
    }
    check(seconds() - begin < 3);
    closed(opened("liba.so", RTLD_NOW));
    return NULL;
}

int main(void)
{
    struct task tasks[] = {{"libv0.so", JUMP, 0}, {"libv1.so", EXIT, 0}, {"libv2.so", SLEEP, 0},
                           {"libv3.so", JUMP, 1}, {"libv4.so", EXIT, 1}, {"libv5.so", SLEEP, 1}};
    alarm(20);
    for (int i = 0; i < 6; i++) {
        pthread_t thread = started(leaver, &tasks[i]);
        if (tasks[i].how == SLEEP) {
            while (!atomic_exchange(&sleeping, 0))
                usleep(100);
            pthread_cancel(thread);
        }
        if (tasks[i].how == JUMP) {
            while (!atomic_exchange(&returned, 0))
                usleep(100);
        } else {
            joined(thread);
            // What ended with its thread is open to others at once.
            void *handle = opened(tasks[i].name, RTLD_NOW);
            check_eq(((int (*)(void))found(handle, "value"))(), 4);
            closed(handle);
        }
        joined(started(others, (void *)tasks[i].name));
    }
    say("ok\n");
    _exit(0);
}
