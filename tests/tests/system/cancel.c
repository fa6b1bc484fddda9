/* Cancellation with clean-up handlers and thread-specific data: libc unwinds the thread's stack for it. */
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <unistd.h>

static pthread_key_t key;
static sem_t ready;

static void cleanup(void *arg) { printf("clean-up %s\n", (char *)arg); }
static void destroy(void *arg) { printf("destroyed %s\n", (char *)arg); }

static void *cancelled(void *arg)
{
    pthread_setspecific(key, "key");
    pthread_cleanup_push(cleanup, arg);
    sem_post(&ready);
    for (;;)
        pause();
    pthread_cleanup_pop(0);
    return 0;
}

int main(void)
{
    pthread_t thread;
    void *result;
    pthread_key_create(&key, destroy);
    sem_init(&ready, 0, 0);
    pthread_create(&thread, 0, cancelled, "handler");
    sem_wait(&ready);
    pthread_cancel(thread);
    pthread_join(thread, &result);
    printf("cancelled: %d\n", result == PTHREAD_CANCELED);
    return 0;
}
