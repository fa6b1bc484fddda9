//@ about: fork holds the loader's memory and errors for as long as it takes; a thread that needs them meanwhile, on the processor of one of lower priority, sleeps and burns no time.
//@ libc: glibc
//@ build: prog = main.c -pthread
//@ stdout: ok

#include "../parts/dl.h"
#include <sched.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

static atomic_bool stop;
static void on_one_processor(void)
{
    cpu_set_t set, one;
    check_eq(sched_getaffinity(0, sizeof set, &set), 0);
    CPU_ZERO(&one);
    for (int i = 0; i < CPU_SETSIZE && !CPU_COUNT(&one); i++)
        if (CPU_ISSET(i, &set))
            CPU_SET(i, &one);
    check_eq(sched_setaffinity(0, sizeof one, &one), 0);
}
static void *forks(void *unused)
{
    (void)unused;
    struct sched_param none = {0};
    on_one_processor();
    check_eq(pthread_setschedparam(pthread_self(), SCHED_IDLE, &none), 0);
    while (!atomic_load(&stop)) {
        pid_t child = fork();
        check(child >= 0);
        if (!child)
            _exit(0);
        check_eq(waitpid(child, NULL, 0), child);
    }
    return NULL;
}
static double now(clockid_t clock)
{
    struct timespec time;
    clock_gettime(clock, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

int main(void)
{
    enum { LARGE = 64 << 20 };
    char *memory = mmap(NULL, LARGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    check(memory != MAP_FAILED);
    madvise(memory, LARGE, MADV_NOHUGEPAGE);
    for (long i = 0; i < LARGE; i += 4096)
        memory[i] = 1;
    on_one_processor();
    pthread_t thread = started(forks, NULL);
    // A wrong mode is told before any table is looked at: only the memory and the error's place are needed.
    // Who spins does so in most calls; a busy machine counts to a thread what is not its, now and then.
    enum { FEW = 5 };
    int slow = 0;
    double longest = 0, end = now(CLOCK_MONOTONIC) + 3;
    for (unsigned i = 0; now(CLOCK_MONOTONIC) < end; i++) {
        usleep(300 + i * 37 % 500);
        double before = now(CLOCK_THREAD_CPUTIME_ID);
        check_eq(dlopen("libany.so", 0), NULL);
        check(dlerror());
        double took = now(CLOCK_THREAD_CPUTIME_ID) - before;
        longest = took > longest ? took : longest;
        slow += took > 0.002;
    }
    atomic_store(&stop, true);
    joined(thread);
    if (slow > FEW)
        say("%d calls took up to %.1f ms of processor time\n", slow, longest * 1e3);
    say("ok\n");
}
