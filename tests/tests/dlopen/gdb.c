// For a debugger: three threads, the initial one among them, each with its own value in a thread-local variable of the
// program, of a needed library, of an opened one and of one opened with initial-exec TLS, all at rest when stop_here() of
// the opened library is called. Then that library is closed and another opened, which gets its module id: stop_again().
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

__thread int of_program;
void set_needed(int value);
static void (*set_opened)(int value), (*set_area)(int value), (*set_again)(int value);
static pthread_barrier_t all_set, end, again_open, again_set, again_end;

static void set_all(int number)
{
    of_program = 100 + number;
    set_needed(200 + number);
    set_opened(300 + number);
    set_area(400 + number);
    pthread_barrier_wait(&all_set);
}
static void *thread(void *number)
{
    set_all((int)(long)number);
    pthread_barrier_wait(&end);
    pthread_barrier_wait(&again_open);
    set_again(500 + (int)(long)number);
    pthread_barrier_wait(&again_set);
    pthread_barrier_wait(&again_end);
    return NULL;
}
static void *open_file(const char *file)
{
    void *handle = dlopen(file, RTLD_NOW);
    if (!handle) {
        puts(dlerror());
        exit(1);
    }
    return handle;
}

int main(void)
{
    pthread_t threads[2];
    pthread_barrier_t *barriers[] = {&all_set, &end, &again_open, &again_set, &again_end};
    for (int i = 0; i < 5; i++)
        pthread_barrier_init(barriers[i], NULL, 3);
    void *handle = open_file("./libopened.so");
    *(void **)&set_area = dlsym(open_file("./libarea.so"), "set_area");
    set_opened = (void (*)(int))dlsym(handle, "set_opened");
    for (long i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, thread, (void *)(i + 1));
    set_all(0);
    ((void (*)(void))dlsym(handle, "stop_here"))();
    pthread_barrier_wait(&end);
    dlclose(handle);
    handle = open_file("./libagain.so");
    set_again = (void (*)(int))dlsym(handle, "set_again");
    set_again(500);
    pthread_barrier_wait(&again_open);
    pthread_barrier_wait(&again_set);
    ((void (*)(void))dlsym(handle, "stop_again"))();
    pthread_barrier_wait(&again_end);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    dlclose(handle);
    return 7;
}
