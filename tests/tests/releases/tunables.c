// Shows what tunables have done to libc and to the stack. First line: the libc's file.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/rseq.h>
#include <unistd.h>

static pthread_barrier_t both;

static void *body(void *argument) {
    void *volatile text = malloc(100);
    pthread_barrier_wait(&both);
    free(text);
    return argument;
}

int main(void) {
    Dl_info libc;
    dladdr(dlsym(RTLD_DEFAULT, "puts"), &libc);
    unsigned char *volatile text = malloc(100);
    void *volatile large = malloc(20000);
    printf("%s\nfilled with %02x, %zu mapped, rseq %u bytes\n", libc.dli_fname, text[50], mallinfo2().hblks, __rseq_size);
    // A second arena is made where one may be.
    pthread_t thread;
    pthread_barrier_init(&both, NULL, 2);
    pthread_create(&thread, NULL, body, NULL);
    pthread_barrier_wait(&both);
    pthread_join(thread, NULL);
    char *report = NULL;
    size_t size;
    FILE *stream = open_memstream(&report, &size);
    malloc_info(0, stream);
    fclose(stream);
    int heaps = 0;
    for (char *at = report; (at = strstr(at, "<heap nr")); at++)
        heaps++;
    char line[512], rights[8] = "";
    FILE *maps = fopen("/proc/self/maps", "r");
    while (fgets(line, sizeof line, maps))
        if (strstr(line, "[stack]"))
            sscanf(line, "%*s %7s", rights);
    printf("%d arenas, stack %s\n", heaps, rights);
    return 0;
}
