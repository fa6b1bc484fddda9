// Opens a framework of three hundred libraries as an interpreter does, calls it from threads, closes it.
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>

static long (*run)(long);

static void *thread(void *argument)
{
    long sum = 0;
    for (int i = 0; i < 3; i++)
        sum = run((long)argument);
    return (void *)(sum + run(-1));
}

int main(void)
{
    void *all = dlopen("libpart1.so", RTLD_NOW | RTLD_LOCAL);
    if (!all)
        return puts(dlerror());
    run = (long (*)(long))dlsym(all, "part1");
    long (*registered)(void) = (long (*)(void))dlsym(all, "registered");
    long (*count)(void) = (long (*)(void))dlsym(all, "shared_count");
    long (*apply)(long) = (long (*)(long))dlsym(all, "apply_all");
    printf("%ld %ld %ld %ld\n", run(1), registered(), count(), apply(7));
    pthread_t threads[8];
    for (long i = 0; i < 8; i++)
        pthread_create(&threads[i], NULL, thread, (void *)i);
    for (int i = 0; i < 8; i++) {
        void *sum;
        pthread_join(threads[i], &sum);
        printf("%ld ", (long)sum);
    }
    printf("%p\n", dlsym(RTLD_DEFAULT, "part1"));
    int closed = dlclose(all);
    printf("%d %d\n", closed, dlopen("libpart300.so", RTLD_NOW | RTLD_NOLOAD) != NULL);
    return 0;
}
