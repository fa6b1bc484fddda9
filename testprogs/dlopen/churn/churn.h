// The stress itself, with its seconds as argument, so that a longer form can be run from elsewhere.
#include "../parts/dl.h"
#include <atomic>
#include <exception>
#include <signal.h>
#include <sys/time.h>
#include <stdexcept>
#include <time.h>

enum { LIBRARIES = 24, OPENERS = 8, EACH = LIBRARIES / OPENERS };
static std::atomic<bool> stop;
static std::atomic<long> cycles, made, caught;

// Of libraries that stay open, one of each model: in most threads the handler's touch is the first.
enum { KEPT = 4 };
static long *(*kept_address[KEPT])();
static std::atomic<long> signals;
static void on_signal(int)
{
    ++signals;
    for (auto address : kept_address) {
        long *counter = address();
        check(*counter >= 123);
        ++*counter;
    }
}

struct Library {
    void *handle;
    int (*first)(long), (*again)(long);
};
static Library open_library(int i)
{
    char name[32];
    Library library;
    snprintf(name, sizeof name, "libm%d.so", i);
    library.handle = opened(name, i % 2 ? RTLD_NOW : RTLD_LAZY);
    snprintf(name, sizeof name, "m%d_check", i);
    library.first = (int (*)(long))found(library.handle, name);
    snprintf(name, sizeof name, "m%d_again", i);
    library.again = (int (*)(long))found(library.handle, name);
    return library;
}
static void *touches(void *arg)
{
    const Library *library = (const Library *)arg;
    check_eq(library->first(17), 0);
    check_eq(library->again(17), 0);
    return nullptr;
}
static void *opener(void *number)
{
    // Its own libraries: an image is fresh only if nobody else had the library open.
    int from = 1 + (int)(long)number * EACH;
    unsigned seed = (unsigned)from;
    while (!stop) {
        seed = seed * 1103515245 + 12345;
        ++cycles;
        Library a = open_library(from + (int)(seed >> 16 & 0xff) % EACH);
        Library b = open_library(from + (int)(seed >> 8 & 0xff) % EACH);
        pthread_t thread = started(touches, &a);
        check_eq(a.first(5), 0);
        if (b.handle != a.handle)
            check_eq(b.first(6), 0);
        check_eq(a.again(5), 0);
        joined(thread);
        closed(b.handle);
        check_eq(a.again(5), 0);
        closed(a.handle);
    }
    return nullptr;
}
static void *nothing(void *unused)
{
    return unused;
}
static void *thread_churn(void *)
{
    while (!stop) {
        pthread_t threads[4];
        for (auto &thread : threads)
            thread = started(nothing, nullptr);
        for (auto thread : threads)
            joined(thread);
        made += 4;
    }
    return nullptr;
}
__attribute__((noinline)) static int deep(int n)
{
    if (n == 0)
        throw std::runtime_error("deep");
    return deep(n - 1) + 1;
}
static void *thrower(void *)
{
    while (!stop) {
        try {
            deep(5);
            check(false);
        } catch (const std::exception &e) {
            check_text(e.what(), "deep");
            ++caught;
        }
    }
    return nullptr;
}
static void *walker(void *)
{
    while (!stop) {
        struct seen seen = look("/libc.so.6");
        check_eq(seen.count, 1);
        check_eq(seen.adds - seen.subs, seen.total);
    }
    return nullptr;
}
// What fails leaves nothing and disturbs nobody, and each thread has its own text.
static void *fails(void *)
{
    while (!stop) {
        check(!dlopen("libnone.so", RTLD_NOW));
        check_text(dlerror(), "libnone.so: cannot open shared object file: No such file or directory");
        check(!dlopen("libbroken.so", RTLD_NOW));
        check(strstr(dlerror(), "libbroken.so: undefined symbol: nowhere"));
        check(!dlsym(RTLD_DEFAULT, "nowhere") && strstr(dlerror(), "undefined symbol: nowhere"));
    }
    return nullptr;
}

int main(int argc, char **argv)
{
    check_eq(argc, 2);
    for (int i = 0; i < KEPT; i++) {
        char name[32];
        snprintf(name, sizeof name, "libkept%d.so", i + 1);
        void *handle = opened(name, RTLD_NOW);
        snprintf(name, sizeof name, "kept%d_address", i + 1);
        kept_address[i] = (long *(*)())found(handle, name);
    }
    struct sigaction action = {};
    action.sa_handler = on_signal;
    action.sa_flags = SA_RESTART;
    sigaction(SIGUSR1, &action, nullptr);
    sigaction(SIGALRM, &action, nullptr);
    struct itimerval often = {{0, 500}, {0, 500}};
    setitimer(ITIMER_REAL, &often, nullptr);
    pthread_t threads[OPENERS + 4] = {started(thread_churn, nullptr), started(thrower, nullptr), started(walker, nullptr),
                                      started(fails, nullptr)};
    for (long i = 0; i < OPENERS; i++)
        threads[4 + i] = started(opener, (void *)i);
    time_t end = time(nullptr) + atoi(argv[1]);
    while (time(nullptr) < end) {
        for (auto thread : threads)
            pthread_kill(thread, SIGUSR1);
        usleep(1000);
    }
    check(signals > 1000);
    stop = true;
    for (auto thread : threads)
        joined(thread);
    for (int i = 1; i <= LIBRARIES; i++) {
        char name[32];
        snprintf(name, sizeof name, "/libm%d.so", i);
        check_gone(name);
    }
    check_gone("/libbroken.so");
    if (getenv("COUNTS"))
        dprintf(2, "%ld openings of two libraries, %ld other threads, %ld exceptions, %ld signals\n", cycles.load(), made.load(),
                caught.load(), signals.load());
    say("ok\n");
}
