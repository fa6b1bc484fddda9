//@ about: time and gettimeofday, bound at their first call in a thread while another is inside dlopen, lead into the vdso.
//@ axes: cc=gcc opt=-O0 pie=pie,nopie
//@ libc: glibc
//@ build: libslow.so = lib.c
//@ build: prog = main.c -D_GNU_SOURCE -pthread -Wl,-z,lazy
//@ elf: prog has R_X86_64_JUMP_SLO
//@ stdout: answered opened right vdso

#include <dlfcn.h>
#include <link.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/auxv.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "ends.h"

static int right;

static void *calls(void *unused)
{
    char byte;
    struct timeval day;
    struct timespec now;
    (void)unused;
    if (read(GO, &byte, 1) != 1)
        return NULL;
    time_t seconds = time(NULL);
    int failed = gettimeofday(&day, NULL);
    clock_gettime(CLOCK_REALTIME, &now);
    right = !failed && now.tv_sec - seconds <= 5 && now.tv_sec - day.tv_sec <= 5 && seconds <= now.tv_sec;
    write(DONE_IN, "!", 1);
    return NULL;
}

// Up to glibc 2.39 the two are IFUNCs that resolve to the vdso's functions.
static int in_vdso(const char *name)
{
    const ElfW(Ehdr) *vdso = (void *)getauxval(AT_SYSINFO_EHDR);
    const char *function = dlsym(RTLD_DEFAULT, name);
    return function > (char *)vdso && function < (char *)vdso + 0x10000;
}

int main(void)
{
    int go[2], done[2];
    pthread_t thread;
    if (pipe(go) || pipe(done) || dup2(go[0], GO) < 0 || dup2(go[1], GO_IN) < 0 || dup2(done[0], DONE) < 0
        || dup2(done[1], DONE_IN) < 0 || pthread_create(&thread, NULL, calls, NULL))
        return 1;
    void *slow = dlopen("libslow.so", RTLD_NOW);
    int (*answered)(void) = slow ? (int (*)(void))dlsym(slow, "answered") : NULL;
    pthread_join(thread, NULL);
    printf("%s %s %s %s\n", answered && answered() ? "answered" : "-", slow ? "opened" : "-", right ? "right" : "-",
           in_vdso("time") && in_vdso("gettimeofday") ? "vdso" : "-");
}
