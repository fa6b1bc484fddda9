//@ about: A library with an initial-exec reference to a variable whose blocks already lie elsewhere in three threads is refused with a text; the blocks stay.
//@ libc: glibc
//@ build: liba.so = ../parts/tls.c -DWHO=a
//@ build: libb.so = ../tls_ie_of_another_object/user.c -ftls-model=initial-exec -Wl,--no-as-needed -l:liba.so
//@ build: prog = main.c -pthread
//@ elf: libb.so has R_X86_64_TPOFF64
//@ elf: liba.so lacks R_X86_64_TPOFF64
//@ stdout: ok

#include "../parts/dl.h"

static long *(*by_owner)(void);
static pthread_barrier_t touched, both;

static void *touches(void *mark)
{
    long *mine = by_owner();
    check_eq(*mine, 123);
    *mine = (long)mark;
    pthread_barrier_wait(&touched);
    pthread_barrier_wait(&both);
    check_eq(by_owner(), mine);
    check_eq(*mine, mark);
    return NULL;
}

int main(void)
{
    pthread_t threads[2];
    pthread_barrier_init(&touched, NULL, 3);
    pthread_barrier_init(&both, NULL, 3);
    by_owner = (long *(*)(void))found(opened("liba.so", RTLD_NOW), "a_address");
    *by_owner() = 9;
    for (long i = 0; i < 2; i++)
        threads[i] = started(touches, (void *)(i + 1));
    pthread_barrier_wait(&touched);
    check(!dlopen("libb.so", RTLD_NOW));
    const char *text = dlerror();
    check(text && strstr(text, "cannot allocate memory in static TLS block"));
    check_gone("/libb.so");
    pthread_barrier_wait(&both);
    check_eq(*by_owner(), 9);
    for (int i = 0; i < 2; i++)
        joined(threads[i]);
    say("ok\n");
}
