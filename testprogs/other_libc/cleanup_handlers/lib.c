#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int ran;

static void handler(void *count) { ran += *(int *)count; }

static void *wait(void *whole)
{
    int two = 2;
    volatile char guard[32];
    pthread_cleanup_push(handler, &two);
    memset((char *)guard, 0x11, sizeof guard);
    *(int *)whole = guard[0] == 0x11 && guard[31] == 0x11;
    for (;;)
        pause();
    pthread_cleanup_pop(0);
    return 0;
}

int run(void)
{
    int one = 1, whole = 0;
    pthread_cleanup_push(handler, &one);
    pthread_cleanup_pop(1);
    pthread_cleanup_push(handler, &one);
    pthread_cleanup_pop(0);
    pthread_t thread;
    pthread_create(&thread, 0, wait, &whole);
    usleep(20000);
    pthread_cancel(thread);
    pthread_join(thread, 0);
    printf("popped, cancelled: %d, stack %s\n", ran, whole ? "whole" : "spoilt");
    return 0;
}
