//@ about: A malloc family of the program serves libraries and libc's own callers (strdup, getline, fopen), from the start on
//@ axes: cc=gcc,clang pie=pie,nopie
//@ libc: glibc,musl
//@ build: liba.so = lib.c
//@ build: prog = main.c -l:liba.so -rdynamic
//@ stdout: ok

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char arena[1 << 20] __attribute__((aligned(64)));
static size_t used;
static int inside(const void *p) { return (const char *)p >= arena && (const char *)p < arena + sizeof arena; }

static void *take(size_t size, size_t align)
{
    size_t at = (used + 16 + align - 1) & -align;
    if (size > sizeof arena || at + size > sizeof arena)
        return errno = ENOMEM, NULL;
    ((size_t *)(arena + at))[-1] = size;
    used = at + size;
    return arena + at;
}
void *malloc(size_t size) { return take(size, 16); }
void *calloc(size_t n, size_t size) { return take(n * size, 16); }
void *realloc(void *old, size_t size)
{
    void *new = take(size, 16);
    if (old && new)
        memcpy(new, old, ((size_t *)old)[-1] < size ? ((size_t *)old)[-1] : size);
    return new;
}
void free(void *p)
{
    if (p && !inside(p)) {
        write(2, "foreign\n", 8);
        _exit(3);
    }
}
void *aligned_alloc(size_t align, size_t size) { return take(size, align); }
void *memalign(size_t align, size_t size) { return take(size, align); }
int posix_memalign(void **p, size_t align, size_t size) { return (*p = take(size, align)) ? 0 : ENOMEM; }
size_t malloc_usable_size(void *p) { return p ? ((size_t *)p)[-1] : 0; }

char *of_the_library(void);

int main(void)
{
    char *line = NULL;
    size_t size = 0;
    FILE *maps = fopen("/proc/self/maps", "r");
    if (!maps || getline(&line, &size, maps) <= 0 || !inside(line) || !inside(maps))
        return 1;
    fclose(maps);
    free(line);
    char *text = of_the_library();
    if (!inside(text) || !inside(strdup(text)))
        return 2;
    free(text);
    puts("ok");
}
