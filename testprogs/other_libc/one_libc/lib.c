#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static _Thread_local int own = 7;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond;
static int ready;

static void *signaller(void *seen)
{
    *(int *)seen = own;
    pthread_mutex_lock(&mutex);
    ready = 1;
    pthread_cond_signal(&cond);
    pthread_mutex_unlock(&mutex);
    return 0;
}

int run(void)
{
    int other = 0;
    own++;
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&cond, &attributes);
    pthread_t thread;
    pthread_mutex_lock(&mutex);
    pthread_create(&thread, 0, signaller, &other);
    while (!ready)
        pthread_cond_wait(&cond, &mutex);
    pthread_mutex_unlock(&mutex);
    pthread_join(thread, 0);
    access("/no/such", F_OK);
    printf("errno %d, thread-local %d %d\n", errno, own, other);
    char *path = realpath("/usr/..", 0);
    printf("realpath %s\nwaited\n", path);
    free(path);
    return 0;
}

char *given(void) { return strdup("42"); }
