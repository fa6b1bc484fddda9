// Opens a library of another language: run() twice in the initial thread, once in another.
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>

static void *call(void *run)
{
    ((void (*)(void))run)();
    return NULL;
}

int main(void)
{
    pthread_t thread;
    void *handle = dlopen("./libforeign.so", RTLD_NOW);
    void *run = handle ? dlsym(handle, "run") : NULL;
    if (!run) {
        fprintf(stderr, "%s\n", dlerror());
        return 1;
    }
    call(run);
    call(run);
    if (pthread_create(&thread, NULL, call, run) || pthread_join(thread, NULL))
        return 2;
    return dlclose(handle);
}
