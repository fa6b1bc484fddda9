//@ about: Without a libc: TLS of opened libraries, dynamic and initial-exec, is fresh in threads that ran before, in new ones and in the initial one, and again after dlclose.
//@ axes: ld=bfd,lld,mold,gold opt=-O0,-O2
//@ build: liba.so = ../parts/tls.c -DWHO=a
//@ build: libi.so = ../parts/tls.c -DWHO=i -ftls-model=initial-exec -DSIZE=10000
//@ build: libd.so = ../parts/tls.c -DWHO=d -mtls-dialect=gnu2 -DSIZE=5000
//@ build: symbols.so = ../parts/loader_symbols.c -Wl,-soname,ld-linux-x86-64.so.2
//@ build: prog = main.c -l:symbols.so
//@ elf: libi.so has R_X86_64_TPOFF64
//@ elf: libd.so has R_X86_64_TLSDESC
//@ stdout: ok
//@ oracle: no: glibc's dlopen is in libc.so.6

#include "../parts/free_dl.h"
#include "start.h"
#include "threads.h"

enum { THREADS = 3, ROUNDS = 3 };
static struct barrier barrier = {.parties = THREADS + 1};
static int (*checks[3])(long), (*agains[3])(long);

static void touch(void *arg)
{
    for (int i = 0; i < 3; i++)
        check_eq(checks[i]((long)arg + i), 0);
    for (int i = 0; i < 3; i++)
        check_eq(agains[i]((long)arg + i), 0);
}
static void old(void *arg)
{
    for (int round = 0; round < ROUNDS; round++) {
        barrier_wait(&barrier);
        touch(arg);
        barrier_wait(&barrier);
    }
}

int main(int argc, char **argv, char **envp)
{
    (void)argc, (void)argv, (void)envp;
    static const char *names[3][3] = {
        {"./liba.so", "a_check", "a_again"}, {"./libi.so", "i_check", "i_again"}, {"./libd.so", "d_check", "d_again"},
    };
    struct thread threads[THREADS], new;
    for (long i = 0; i < THREADS; i++)
        thread_start(&threads[i], old, (void *)(i * 10));
    for (int round = 0; round < ROUNDS; round++) {
        void *handles[3];
        for (int i = 0; i < 3; i++) {
            handles[i] = dlopen(names[i][0], RTLD_NOW);
            check(handles[i]);
            checks[i] = (int (*)(long))dlsym(handles[i], names[i][1]);
            agains[i] = (int (*)(long))dlsym(handles[i], names[i][2]);
            check(checks[i] && agains[i]);
        }
        barrier_wait(&barrier);
        touch((void *)50);
        thread_start(&new, touch, (void *)60);
        thread_join(&new);
        barrier_wait(&barrier);
        for (int i = 0; i < 3; i++)
            check_eq(dlclose(handles[i]), 0);
    }
    for (int i = 0; i < THREADS; i++)
        thread_join(&threads[i]);
    print("ok\n");
    return 0;
}
