// Exceptions of C++ and panics of Rust between a C++ program and two opened Rust libraries, in the initial thread and in
// others, while a thread opens and closes a third copy.
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <dlfcn.h>
#include <pthread.h>

typedef void callback(void *);
struct Library {
    void *handle;
    int (*in_constructor)(), (*unwound)(), (*catches)(callback *, void *);
    void (*panics)(int), (*through)(callback *, void *);
};
static Library one, two;
static std::atomic<int> unwound_here;
static std::atomic<bool> stop;

#define check(condition)                                                                                               \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            printf("line %d: %s\n", __LINE__, #condition);                                                             \
            exit(1);                                                                                                   \
        }                                                                                                              \
    } while (0)

static void *open_file(const char *file)
{
    void *handle = dlopen(file, RTLD_NOW);
    if (!handle) {
        puts(dlerror());
        exit(1);
    }
    return handle;
}
static Library open_library(const char *file)
{
    Library library;
    library.handle = open_file(file);
    *(void **)&library.in_constructor = dlsym(library.handle, "in_constructor");
    *(void **)&library.unwound = dlsym(library.handle, "unwound");
    *(void **)&library.catches = dlsym(library.handle, "catches");
    *(void **)&library.panics = dlsym(library.handle, "panics");
    *(void **)&library.through = dlsym(library.handle, "through");
    return library;
}

struct Guard {
    ~Guard() { unwound_here++; }
};
static void throws(void *number)
{
    throw *(int *)number;
}
static void panic_of_one(void *number)
{
    Guard guard;
    one.panics(*(int *)number);
}
static void through_two(void *number)
{
    Guard guard;
    two.through(panic_of_one, number);
}
static void throws_through_two(void *number)
{
    two.through(throws, number);
}
static void rethrows(void *number)
{
    try {
        panic_of_one(number);
    } catch (int) {
        check(false);
    } catch (...) {
        unwound_here++;
        throw;
    }
}

static void *all(void *)
{
    for (int round = 0; round < 50; round++) {
        int number = 40 + round, caught = 0;
        // Rust's panic through C++ frames, and through those of the other library.
        check(one.catches(panic_of_one, &number) == number);
        check(one.catches(through_two, &number) == number);
        check(one.catches(rethrows, &number) == number);
        // C++'s exception through Rust's frames, one library's and both's.
        try {
            one.through(throws_through_two, &number);
        } catch (int n) {
            caught = n;
        }
        check(caught == number);
    }
    return nullptr;
}
static void *opens_and_closes(void *)
{
    while (!stop) {
        void *handle = open_file("./libthree.so");
        dlclose(handle);
    }
    return nullptr;
}

int main()
{
    one = open_library("./libone.so");
    two = open_library("./libtwo.so");
    check(one.handle != two.handle && one.panics != two.panics);
    check(one.in_constructor() == 9 && two.in_constructor() == 9);
    pthread_t threads[3], other;
    pthread_create(&other, nullptr, opens_and_closes, nullptr);
    for (auto &thread : threads)
        pthread_create(&thread, nullptr, all, nullptr);
    all(nullptr);
    for (auto thread : threads)
        pthread_join(thread, nullptr);
    stop = true;
    pthread_join(other, nullptr);
    printf("unwound %d here, %d in one, %d in two\n", unwound_here.load(), one.unwound(), two.unwound());
    return 0;
}
