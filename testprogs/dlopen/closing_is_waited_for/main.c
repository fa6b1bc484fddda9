//@ about: While one thread runs the destructors of a library, another that opens it, by any name, or what needs it, waits until it is gone and gets a new copy: never are two alive. With RTLD_NOLOAD it is not there.
//@ libc: glibc
//@ build: liba.so = lib.c -Wl,-soname,liba.so
//@ build: libabove.so = lib.c -DABOVE -Wl,--no-as-needed -l:liba.so
//@ sh: ln -sf liba.so libother.so
//@ build: prog = main.c -rdynamic -pthread
//@ stdout: ok

#include "../parts/dl.h"

atomic_int alive, ending, copies;

static void *opens(void *name)
{
    while (!atomic_load(&ending))
        usleep(50);
    check(!name || !dlopen("liba.so", RTLD_NOW | RTLD_NOLOAD));
    void *handle = opened(name ? (const char *)name : "liba.so", RTLD_NOW);
    check_eq(atomic_load(&alive), 1);
    check_eq(((int (*)(void))found(handle, "needs"))(), 7);
    return handle;
}
static void *opens_and_closes(void *name)
{
    for (int i = 0; i < 30; i++)
        closed(opened((const char *)name, RTLD_NOW));
    return NULL;
}

int main(void)
{
    static char *names[] = {"liba.so", "./libother.so", "libabove.so", NULL};
    alarm(20);
    for (int i = 0; i < 4; i++) {
        void *handle = opened("liba.so", RTLD_NOW);
        atomic_store(&ending, 0);
        pthread_t thread = started(opens, names[i]);
        closed(handle);
        closed(joined(thread));
        check_gone("/liba.so");
        check_eq(atomic_load(&copies), 2 * (i + 1));
    }
    pthread_t threads[3];
    for (int i = 0; i < 3; i++)
        threads[i] = started(opens_and_closes, names[i]);
    for (int i = 0; i < 3; i++)
        joined(threads[i]);
    check_gone("/liba.so");
    check_eq(atomic_load(&alive), 0);
    say("ok\n");
}
