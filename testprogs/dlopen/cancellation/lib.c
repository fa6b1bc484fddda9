#include <pthread.h>
#include <stdio.h>

static void cleanup(void *unused)
{
    (void)unused;
    dprintf(1, "clean-up in the library\n");
}
void with_cleanup(void (*body)(void))
{
    pthread_cleanup_push(cleanup, NULL);
    body();
    pthread_cleanup_pop(0);
}
