// For a debugger: three threads, the initial one among them, each with its own value in a thread-local variable of the
// program, of a needed library and of an opened one, all at rest when stop_here() of the opened library is called.
#include <dlfcn.h>
#include <pthread.h>
#include <unistd.h>

__thread int of_program;
void set_needed(int value);
static void (*set_opened)(int value);
static pthread_barrier_t all_set, end;

static void set_all(int number)
{
    of_program = 100 + number;
    set_needed(200 + number);
    set_opened(300 + number);
    pthread_barrier_wait(&all_set);
}
static void *thread(void *number)
{
    set_all((int)(long)number);
    pthread_barrier_wait(&end);
    return NULL;
}

int main(void)
{
    pthread_t threads[2];
    pthread_barrier_init(&all_set, NULL, 3);
    pthread_barrier_init(&end, NULL, 3);
    void *handle = dlopen("./libopened.so", RTLD_NOW);
    if (!handle)
        return 1;
    set_opened = (void (*)(int))dlsym(handle, "set_opened");
    for (long i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, thread, (void *)(i + 1));
    set_all(0);
    ((void (*)(void))dlsym(handle, "stop_here"))();
    pthread_barrier_wait(&end);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    dlclose(handle);
    return 7;
}
