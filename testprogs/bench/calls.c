// What one call into the loader costs after start-up. `calls ROW N` prints nanoseconds a call;
// N is how many tiny TLS libraries (t0000.so ...) are loaded before. FOLDER, with a slash at its
// end, is where they lie: a name with a slash is not searched for.
// A result that is wrong ends the program with a message instead of a number.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <x86intrin.h>

enum { MOST = 1000, SPARE = 50, TIMES = 2000000, ROUNDS = 9, NEW = 100, STARTS = 500 };

typedef long access_fn(long);
typedef long *touch_fn(void);
extern access_fn access_gd, access_desc;

static void *loaded[MOST];
static double samples[MOST];

static void need(int ok, const char *what)
{
    if (ok)
        return;
    const char *why = dlerror();
    fprintf(stderr, "%s: %s\n", what, why ? why : "wrong result");
    exit(1);
}
static void *open_number(int i)
{
    char name[32];
    snprintf(name, sizeof name, FOLDER "t%04d.so", i);
    void *handle = dlopen(name, RTLD_NOW);
    need(handle != NULL, name);
    return handle;
}
static void *symbol(void *handle, const char *name)
{
    void *address = dlsym(handle, name);
    need(address != NULL, name);
    return address;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e9 + t.tv_nsec;
}
// For what is too short for the clock; scaled by ticks_to_ns.
static unsigned long ticks(void)
{
    unsigned cpu;
    _mm_lfence();
    unsigned long t = __rdtscp(&cpu);
    _mm_lfence();
    return t;
}
static double ticks_to_ns(void)
{
    double from = now();
    unsigned long first = ticks();
    while (now() - from < 20e6)
        ;
    unsigned long last = ticks();
    return (now() - from) / (last - first);
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}
static double median(int n)
{
    qsort(samples, n, sizeof *samples, ascending);
    return samples[n / 2];
}

static double time_access(access_fn *access)
{
    need(*(long *)access(1) == 123, "the variable's value");
    for (int r = 0; r < ROUNDS; r++) {
        double from = now();
        access(TIMES);
        samples[r] = (now() - from) / TIMES;
    }
    return median(ROUNDS);
}

// What the first access after a dlopen costs over one that follows it.
static double first_after_dlopen(void)
{
    access_fn *access = (access_fn *)symbol(dlopen(FOLDER "late.so", RTLD_NOW), "access_gd");
    double scale = ticks_to_ns();
    access(1);
    for (int i = 0; i < SPARE; i++) {
        open_number(MOST + i);
        unsigned long t0 = ticks();
        access(1);
        unsigned long t1 = ticks();
        access(1);
        unsigned long t2 = ticks();
        samples[i] = scale * ((double)(t1 - t0) - (double)(t2 - t1));
    }
    return median(SPARE);
}

// What the first access of a new thread to a module costs over the second; the module was loaded
// before the thread began.
struct touching {
    touch_fn *touch;
    double ticks;
};
static void *touch_in_thread(void *arg)
{
    struct touching *t = arg;
    unsigned long t0 = ticks();
    long *first = t->touch();
    unsigned long t1 = ticks();
    long *second = t->touch();
    unsigned long t2 = ticks();
    need(first == second && *first == 123, "a new thread's value");
    t->ticks = (double)(t1 - t0) - (double)(t2 - t1);
    return NULL;
}
static double first_touch(void)
{
    double scale = ticks_to_ns();
    for (int i = 0; i < NEW; i++) {
        struct touching t = {(touch_fn *)symbol(open_number(i), "touch"), 0};
        t.touch(); // lazy binding is not what is measured
        pthread_t thread;
        need(!pthread_create(&thread, NULL, touch_in_thread, &t), "pthread_create");
        pthread_join(thread, NULL);
        samples[i] = scale * t.ticks;
    }
    return median(NEW);
}

static double open_or_close(int closing)
{
    for (int i = 0; i < 2 * SPARE; i++) {
        double t0 = now();
        void *handle = open_number(MOST);
        double t1 = now();
        need(dlclose(handle) == 0, "dlclose");
        double t2 = now();
        samples[i] = closing ? t2 - t1 : t1 - t0;
    }
    return median(2 * SPARE);
}

static double open_again(int n)
{
    for (int r = 0; r < ROUNDS; r++) {
        double spent = 0;
        for (int i = 0; i < 100; i++) {
            double from = now();
            void *handle = open_number(n / 2);
            spent += now() - from;
            need(handle == loaded[n / 2], "the same handle");
            dlclose(handle);
        }
        samples[r] = spent / 100;
    }
    return median(ROUNDS);
}

static double find(const char *name, int found)
{
    void *handle = dlopen(FOLDER "access.so", RTLD_NOW);
    need(handle != NULL, "access.so");
    for (int r = 0; r < ROUNDS; r++) {
        double from = now();
        for (int i = 0; i < 10000; i++)
            need((dlsym(handle, name) != NULL) == found, name);
        samples[r] = (now() - from) / 10000;
    }
    return median(ROUNDS);
}

static void *nothing(void *arg)
{
    return arg;
}
static double threads(void)
{
    for (int r = 0; r < ROUNDS; r++) {
        double from = now();
        for (int i = 0; i < STARTS; i++) {
            pthread_t thread;
            need(!pthread_create(&thread, NULL, nothing, NULL), "pthread_create");
            pthread_join(thread, NULL);
        }
        samples[r] = (now() - from) / STARTS;
    }
    return median(ROUNDS);
}

double throw_and_catch(long times);
static double throws(void)
{
    for (int r = 0; r < ROUNDS; r++)
        samples[r] = throw_and_catch(10000);
    return median(ROUNDS);
}

int main(int argc, char **argv)
{
    const char *row = argc > 1 ? argv[1] : "";
    int n = argc > 2 ? atoi(argv[2]) : 0;
    for (int i = 0; i < n; i++)
        loaded[i] = open_number(i);
    double ns;
    if (!strcmp(row, "gd"))
        ns = time_access(access_gd);
    else if (!strcmp(row, "desc"))
        ns = time_access(access_desc);
    else if (!strcmp(row, "late-gd"))
        ns = time_access((access_fn *)symbol(dlopen(FOLDER "late.so", RTLD_NOW), "access_gd"));
    else if (!strcmp(row, "late-desc"))
        ns = time_access((access_fn *)symbol(dlopen(FOLDER "late.so", RTLD_NOW), "access_desc"));
    else if (!strcmp(row, "after-dlopen"))
        ns = first_after_dlopen();
    else if (!strcmp(row, "first-touch"))
        ns = first_touch();
    else if (!strcmp(row, "dlopen"))
        ns = open_or_close(0);
    else if (!strcmp(row, "dlclose"))
        ns = open_or_close(1);
    else if (!strcmp(row, "again"))
        ns = open_again(n);
    else if (!strcmp(row, "hit"))
        ns = find("access_desc", 1);
    else if (!strcmp(row, "miss"))
        ns = find("no_such_symbol", 0);
    else if (!strcmp(row, "throw"))
        ns = throws();
    else if (!strcmp(row, "thread"))
        ns = threads();
    else
        return 2;
    printf("%.2f\n", ns);
    return 0;
}
