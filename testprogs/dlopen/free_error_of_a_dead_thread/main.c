//@ about: Without a libc too a thread's error is its own and goes with it: the next thread, at the same address, has none.
//@ axes: cc=gcc,clang
//@ build: symbols.so = ../parts/loader_symbols.c -Wl,-soname,ld-linux-x86-64.so.2
//@ build: prog = main.c -l:symbols.so
//@ stdout: ok
//@ oracle: no: glibc's loader has no dlopen family of its own

#include "../parts/free_dl.h"
#include "start.h"
#include "threads.h"

static int step;
static void fails(void *unused)
{
    (void)unused;
    check_eq(dlerror(), NULL);
    check_eq(dlopen("./none_of_the_thread.so", RTLD_NOW), NULL);
    step = step + 1;
}
static void asks(void *unused)
{
    (void)unused;
    check_eq(dlerror(), NULL);
    step = step + 1;
}

int main(int argc, char **argv, char **envp)
{
    (void)argc, (void)argv, (void)envp;
    check_eq(dlopen("./none_of_the_first.so", RTLD_NOW), NULL);
    for (int i = 0; i < 100; i++) {
        struct thread thread;
        thread_start(&thread, i % 2 ? asks : fails, NULL);
        thread_join(&thread);
    }
    check_eq(step, 100);
    check(dlerror() != NULL);
    check_eq(dlerror(), NULL);
    print("ok\n");
    return 0;
}
