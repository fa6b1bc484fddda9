//@ about: Threads end, with thread_local objects of a library, in the same moment in which other threads close and open that library.
//@ axes: opt=-O2
//@ libc: glibc
//@ build: liba.so = lib.cc
//@ build: prog = main.cc -pthread
//@ stdout: ok

#include "../parts/dl.h"
#include <atomic>

struct Work {
    int (*use)(void);
    std::atomic<bool> used;
};
static void *uses(void *arg)
{
    Work *work = (Work *)arg;
    // From here on the pending destructor keeps the library.
    check_eq(work->use(), 1);
    work->used = true;
    return nullptr;
}
static void *opens(void *)
{
    for (int i = 0; i < 1500; i++) {
        void *a = opened("liba.so", RTLD_NOW);
        Work work = {(int (*)(void))found(a, "use"), {false}};
        pthread_t thread = started(uses, &work);
        while (!work.used)
            sched_yield();
        closed(a);
        joined(thread);
    }
    return nullptr;
}

int main()
{
    pthread_t threads[3];
    for (auto &thread : threads)
        thread = started(opens, nullptr);
    for (auto thread : threads)
        joined(thread);
    closed(opened("liba.so", RTLD_NOW));
    check_gone("/liba.so");
    say("ok\n");
}
