/* Shared by the claims of who asks for executable stacks: prints the x of three stacks, and how often code on one ran. */
#include "rights.h"
#include <pthread.h>

int run(int);

static int ran;

static char executable(const void *address)
{
    ran += run(1);
    return rights(address)[2];
}

static void *thread(void *place)
{
    int here;
    *(char *)place = executable(&here);
    return NULL;
}

__attribute__((noinline)) static char deep(int depth)
{
    volatile char room[4096];
    room[0] = (char)depth;
    return depth ? deep(depth - 1) + (room[0] - room[0]) : executable((const void *)room);
}

int main(void)
{
    pthread_t made;
    char of_thread;
    pthread_create(&made, NULL, thread, &of_thread);
    pthread_join(made, NULL);
    int here;
    printf("%c %c %c\n", executable(&here), deep(300), of_thread);
    printf("%d\n", ran);
    return 0;
}
