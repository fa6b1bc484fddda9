//@ about: A child of fork can dlopen, dlsym and dlclose, and fail to, while threads of the parent did so at the moment of the fork.
//@ axes: opt=-O2
//@ libc: glibc
//@ build: liba.so = ../parts/tls.c -DWHO=a
//@ build: libb.so = ../parts/tls.c -DWHO=b
//@ build: prog = main.c -pthread
//@ run: 500
//@ stdout: ok
//@ oracle: no: glibc's child deadlocks about once in 4000 forks

#include "../parts/dl.h"
#include <sys/wait.h>

static atomic_int stop;
static void *opens_and_closes(void *name)
{
    while (!atomic_load(&stop)) {
        void *handle = opened((const char *)name, RTLD_NOW);
        check(!dlsym(handle, "nowhere") && dlerror());
        look(NULL);
        closed(handle);
    }
    return NULL;
}

int main(int argc, char **argv)
{
    check_eq(argc, 2);
    pthread_t threads[2] = {started(opens_and_closes, "liba.so"), started(opens_and_closes, "libb.so")};
    for (int i = 0; i < atoi(argv[1]); i++) {
        pid_t child = fork();
        if (child == 0) {
            alarm(5);
            void *handle = opened("liba.so", RTLD_NOW);
            check_eq(((int (*)(long))found(handle, "a_check"))(1), 0);
            check(absent(handle, "nowhere"));
            closed(handle);
            check(look(NULL).total > 2);
            _exit(0);
        }
        int status;
        check_eq(waitpid(child, &status, 0), child);
        check_eq(status, 0);
    }
    atomic_store(&stop, 1);
    joined(threads[0]);
    joined(threads[1]);
    say("ok\n");
}
