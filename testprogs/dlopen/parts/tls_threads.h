// One TLS library under threads that ran before it was opened, threads started after, and the initial one; opened, closed
// and opened again: images are fresh for each thread and each time. Include it and call tls_in_all_threads().
#ifndef TLS_THREADS_H
#define TLS_THREADS_H
#include "dl.h"

// What stays in memory is fresh only once.
enum { OLD = 3, NEW = 3, ROUNDS = UNLOADS ? 3 : 1 };
static pthread_barrier_t open_now, closed_now;
static int (*tls_check)(long), (*tls_again)(long);
static void *(*tls_address)(void);
static void *tls_handle;
static const char *tls_name;

static void tls_touch(long mark)
{
    check_eq(tls_check(mark), 0);
    check_eq(tls_again(mark), 0);
    char name[64];
    snprintf(name, sizeof name, "%s_data", tls_name);
    // Hidden variables have no name to look up.
    void *by_name = dlsym(tls_handle, name);
    check(!by_name || by_name == tls_address());
}
static void *tls_new_thread(void *mark)
{
    tls_touch((long)mark);
    return tls_address();
}
static void *tls_old_thread(void *mark)
{
    for (int round = 0; round < ROUNDS; round++) {
        pthread_barrier_wait(&open_now);
        tls_touch((long)mark);
        pthread_barrier_wait(&closed_now);
        check_eq(tls_again((long)mark), 0);
        pthread_barrier_wait(&closed_now);
    }
    return NULL;
}
unused_ok static void tls_in_all_threads(const char *file, const char *who)
{
    pthread_t old[OLD], new[NEW];
    char name[64];
    tls_name = who;
    pthread_barrier_init(&open_now, NULL, OLD + 1);
    pthread_barrier_init(&closed_now, NULL, OLD + 1);
    for (long i = 0; i < OLD; i++)
        old[i] = started(tls_old_thread, (void *)(i + 1));
    for (int round = 0; round < ROUNDS; round++) {
        tls_handle = opened(file, round % 2 ? RTLD_NOW : RTLD_LAZY);
        snprintf(name, sizeof name, "%s_check", who);
        tls_check = (int (*)(long))found(tls_handle, name);
        snprintf(name, sizeof name, "%s_again", who);
        tls_again = (int (*)(long))found(tls_handle, name);
        snprintf(name, sizeof name, "%s_address", who);
        tls_address = (void *(*)(void))found(tls_handle, name);
        for (long i = 0; i < NEW; i++)
            new[i] = started(tls_new_thread, (void *)(i + 100));
        tls_touch(77);
        pthread_barrier_wait(&open_now);
        for (int i = 0; i < NEW; i++)
            check(joined(new[i]) != tls_address());
        pthread_barrier_wait(&closed_now);
        check_eq(tls_again(77), 0);
        pthread_barrier_wait(&closed_now);
        closed(tls_handle);
        check(listed(file) == !UNLOADS);
    }
    for (int i = 0; i < OLD; i++)
        joined(old[i]);
    say("ok\n");
}
#endif
