//@ about: A program that asks for an executable stack has one, and so have its threads and what it opens; by the kernel, and by the loader where that maps the program.
//@ axes: ld=bfd,lld,mold pie=pie,nopie
//@ libc: glibc
//@ build: liba.so = ../../dlopen/executable_stacks/a.c
//@ build: prog = main.c -pthread -Wl,--no-as-needed -l:liba.so -Wl,-z,execstack
//@ elf: prog has RWE
//@ stdout: x x x
//@ stdout: 3

#include <pthread.h>
#include <stdio.h>

int run(int);

static int ran;

static char executable(const void *address)
{
    char line[512], rights[8] = "none";
    unsigned long start, end;
    FILE *maps = fopen("/proc/self/maps", "r");
    while (fgets(line, sizeof line, maps))
        if (sscanf(line, "%lx-%lx %7s", &start, &end, rights) == 3 && start <= (unsigned long)address && (unsigned long)address < end)
            break;
    fclose(maps);
    ran += run(1);
    return rights[2];
}

static void *thread(void *place)
{
    int here;
    *(char *)place = executable(&here);
    return NULL;
}

__attribute__((noinline)) static char deep(int depth)
{
    volatile char room[4096];
    room[0] = (char)depth;
    return depth ? deep(depth - 1) + (room[0] - room[0]) : executable((const void *)room);
}

int main(void)
{
    pthread_t made;
    char of_thread;
    pthread_create(&made, NULL, thread, &of_thread);
    pthread_join(made, NULL);
    int here;
    printf("%c %c %c\n", executable(&here), deep(300), of_thread);
    printf("%d\n", ran);
    return 0;
}
