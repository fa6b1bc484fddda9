// The check behind the TLS matrix: several ways to reach one variable must agree in a thread and
// differ between threads. It runs in the initial thread and in four others at once, then again in
// four new ones, whose blocks may be memory that the first four gave back.
#ifndef PER_THREAD_H
#define PER_THREAD_H

#include "threads.h"

enum { THREADS = 4, COUNTS = 1000 };

typedef int *way(void);

struct per_thread {
    way *const *ways; // ends with NULL
    int *seats[THREADS + 1];
    struct barrier barrier;
};
struct seat {
    struct per_thread *test;
    int number, start;
};

static void per_thread_body(void *arg)
{
    struct seat *seat = (struct seat *)arg;
    struct per_thread *test = seat->test;
    int *mine = test->ways[0]();
    int n = 0;
    for (way *const *w = test->ways; *w; w++, n++) {
        check_eq((*w)(), mine);
        check_eq(*(*w)(), seat->start);
    }
    test->seats[seat->number] = mine;
    barrier_wait(&test->barrier);

    for (int i = 0; i <= THREADS; i++)
        check(i == seat->number || test->seats[i] != mine);
    *mine = 10000 * (seat->number + 1);
    for (int i = 0; i < COUNTS; i++)
        ++*test->ways[i % n]();
    barrier_wait(&test->barrier);

    for (way *const *w = test->ways; *w; w++)
        check_eq(*(*w)(), 10000 * (seat->number + 1) + COUNTS);
    for (int i = 0; i <= THREADS; i++)
        check_eq(*test->seats[i], 10000 * (i + 1) + COUNTS);
    barrier_wait(&test->barrier);
}

// Each of `ways` (ended by NULL) returns the address of one int whose initial value is `initial`.
static void check_per_thread(way *const *ways, int initial)
{
    check_eq(*ways[0](), initial);
    for (int round = 0; round < 2; round++) {
        struct per_thread test = {.ways = ways};
        struct seat seats[THREADS + 1];
        struct thread threads[THREADS + 1];
        test.barrier.parties = THREADS + 1;
        for (int i = 0; i <= THREADS; i++) {
            seats[i].test = &test;
            seats[i].number = i;
            // The initial thread finds in the second round what it left in the first.
            seats[i].start = i == 0 && round == 1 ? 10000 + COUNTS : initial;
        }
        for (int i = 1; i <= THREADS; i++)
            thread_start(&threads[i], per_thread_body, &seats[i]);
        per_thread_body(&seats[0]);
        for (int i = 1; i <= THREADS; i++)
            thread_join(&threads[i]);
        check_eq(*ways[0](), 10000 + COUNTS);
    }
}

#endif
