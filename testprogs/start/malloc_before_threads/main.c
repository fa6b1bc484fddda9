//@ about: malloc is ready before there is a second thread: two threads that call it first do not share an arena that counts one of them.
//@ axes: cc=gcc opt=-O0 pie=pie,nopie
//@ libc: glibc,musl
//@ build: prog = main.c -pthread
//@ stdout: ok

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

static char *heap;

// The main arena grows by brk. It is the first thread's, and that of whoever calls malloc first.
static void *allocates(void *unused)
{
    (void)unused;
    char *memory = malloc(100);
    return memory >= heap && memory < (char *)sbrk(0) ? heap : NULL;
}

int main(void)
{
    heap = sbrk(0);
    pthread_t threads[2];
    void *of_the_heap[2];
    for (int i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, allocates, NULL);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], &of_the_heap[i]);
    if (!of_the_heap[0] && !of_the_heap[1])
        write(1, "ok\n", 3);
}
