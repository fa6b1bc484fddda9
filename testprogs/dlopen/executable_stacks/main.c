//@ about: An opened library that asks for executable stacks gets all of them so: the first thread's and what it grows by, those of threads that run, an idle one, and those made later, but not their guards.
//@ rule: PT_GNU_STACK: A glibc that makes stacks executable for an object that asks for it does so here.
//@ axes: opt=-O0,-O2 pie=pie,nopie
//@ libc: glibc
//@ build: liba.so = a.c -Wl,-z,execstack
//@ build: prog = main.c -pthread
//@ elf: liba.so has RWE
//@ stdout: before: first -, running -
//@ stdout: after: first x, running x, later x and guarded
//@ stdout: grown x
//@ stdout: ran 7 times

#include "../parts/dl.h"

#include <pthread.h>
#include <semaphore.h>

static sem_t is_running, go_on;
static int (*run)(int);

/// The rights of the mapping that `address` lies in, and of what lies below it.
static void rights(const void *address, char now[8], char below[8])
{
    char line[512];
    unsigned long start, end, last = 0;
    strcpy(below, "none");
    FILE *maps = fopen("/proc/self/maps", "r");
    while (fgets(line, sizeof line, maps)) {
        char kind[8];
        sscanf(line, "%lx-%lx %7s", &start, &end, kind);
        if (start <= (unsigned long)address && (unsigned long)address < end) {
            strcpy(now, kind);
            if (last != start)
                strcpy(below, "none");
            break;
        }
        strcpy(below, kind);
        last = end;
    }
    fclose(maps);
}

static char executable(const void *address)
{
    char now[8], below[8];
    rights(address, now, below);
    return now[2];
}

static int times;

static void *runs(void *of)
{
    int here;
    *(void **)of = &here;
    sem_post(&is_running);
    while (sem_wait(&go_on))
        ;
    if (run)
        times += run(1);
    return NULL;
}

static void *ends(void *place)
{
    (void)place;
    return NULL;
}

static void *later(void *place)
{
    int here;
    char now[8], below[8];
    rights(&here, now, below);
    if (run)
        times += run(1);
    snprintf(place, 32, "%c%s", now[2], strcmp(below, "---p") ? "" : " and guarded");
    return NULL;
}

__attribute__((noinline)) static char deep(int depth)
{
    volatile char room[4096];
    room[0] = (char)depth;
    if (depth)
        return deep(depth - 1) + (room[0] - room[0]);
    times += run(1);
    return executable((const void *)room);
}

int main(void)
{
    sem_init(&is_running, 0, 0);
    sem_init(&go_on, 0, 0);
    pthread_t running, idle, made;
    void *place;
    pthread_create(&running, NULL, runs, &place);
    sem_wait(&is_running);
    // Its stack stays for the next thread that wants one.
    pthread_create(&idle, NULL, ends, NULL);
    pthread_join(idle, NULL);
    int here;
    say("before: first %c, running %c\n", executable(&here), executable(place));
    void *a = opened("liba.so", RTLD_NOW);
    run = (int (*)(int))found(a, "run");
    times += run(1);
    char told[2][32];
    for (int i = 0; i < 2; i++) {
        // The idle stack first, then a new one.
        pthread_t other;
        char more[32];
        pthread_create(&made, NULL, later, told[i]);
        pthread_create(&other, NULL, later, more);
        pthread_join(made, NULL);
        pthread_join(other, NULL);
        check(!strcmp(told[i], more));
    }
    check(!strcmp(told[0], told[1]));
    say("after: first %c, running %c, later %s\n", executable(&here), executable(place), told[0]);
    say("grown %c\n", deep(300));
    sem_post(&go_on);
    pthread_join(running, NULL);
    say("ran %d times\n", times);
}
