/* Thread-local data of the program and of a library, eight threads, each value seen only by its own thread. */
#include <pthread.h>
#include <stdio.h>

#define THREADS 8

extern __thread int shared;
int *library_static(void);
int library_add(int n);

static __thread int own = 123;
static __thread char zero[4096];

static void *work(void *arg)
{
    long n = (long)arg;
    long ok = own == 123 && zero[4095] == 0 && shared == 55 && *library_static() == 7;
    for (int i = 0; i < 1000; i++) {
        own += n;
        library_add(n);
        zero[i] = n;
    }
    ok = ok && own == 123 + 1000 * n && shared == 55 + 1000 * n && *library_static() == 7 - 1000 * n;
    return (void *)ok;
}

int main(void)
{
    pthread_t threads[THREADS];
    for (long i = 0; i < THREADS; i++)
        if (pthread_create(&threads[i], 0, work, (void *)(i + 1)))
            return 2;
    for (int i = 0; i < THREADS; i++) {
        void *ok;
        pthread_join(threads[i], &ok);
        printf("thread %d: %s\n", i, ok ? "right" : "wrong");
    }
    printf("initial thread: %d %d %d\n", own, shared, *library_static());
    return 0;
}
