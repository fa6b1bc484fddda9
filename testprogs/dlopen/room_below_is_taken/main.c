//@ about: Whatever lies below the library that was opened last, page by page further away, the next one is mapped whole and nothing that was there is lost; closing it leaves no mapping.
//@ axes: opt=-O0
//@ libc: glibc
//@ build: libfirst.so = lib.c -DNAME=first
//@ build: libsecond.so = lib.c -DNAME=second
//@ build: prog = main.c
//@ stdout: 12 times ok

#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

// Mappings of the process, and those whose name has this text.
static void count(const char *text, int *all, int *named)
{
    char line[512];
    FILE *maps = fopen("/proc/self/maps", "r");
    for (*all = *named = 0; fgets(line, sizeof line, maps); ++*all)
        *named += strstr(line, text) != NULL;
    fclose(maps);
}

int main(void)
{
    int times = 0;
    for (int distance = 1; distance <= 12; distance++) {
        void *first = dlopen("./libfirst.so", RTLD_NOW);
        struct link_map *map;
        if (!first || dlinfo(first, RTLD_DI_LINKMAP, &map))
            return 1;
        char *wanted = (char *)map->l_addr - distance * 4096;
        char *page = mmap(wanted, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
        if (page == MAP_FAILED)
            page = NULL; // somebody was there before
        else
            strcpy(page, "kept");
        int before, during, after, named;
        count("libsecond", &before, &named);
        void *second = dlopen("./libsecond.so", RTLD_NOW);
        int (*answer)(int) = second ? (int (*)(int))dlsym(second, "second") : NULL;
        if (!answer || answer(distance) != distance + 1000)
            return 2;
        count("libsecond", &during, &named);
        if (named == 0 || (page && strcmp(page, "kept")))
            return 3;
        dlclose(second);
        count("libsecond", &after, &named);
        if (named != 0 || after != before) {
            printf("%d: %d mappings, then %d, then %d\n", distance, before, during, after);
            return 4;
        }
        dlclose(first);
        if (page)
            munmap(page, 4096);
        times++;
    }
    printf("%d times ok\n", times);
}
