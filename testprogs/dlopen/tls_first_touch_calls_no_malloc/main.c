//@ about: The first touch of an opened library's TLS calls nothing of malloc's family, 25 of 25 times.
//@ libc: glibc
//@ sh: for i in $(seq 25); do $CC $CFLAGS -shared -fPIC -DWHO=m$i $SRC/../parts/tls.c -o libm$i.so; done
//@ build: prog = main.c -pthread -rdynamic
//@ stdout: calls of malloc: 0 of 25
//@ oracle: differs: glibc calls malloc 25 of 25 times

#include "../parts/dl.h"

void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void *__libc_memalign(size_t, size_t);
static __thread int touching, called;

void *malloc(size_t size)
{
    called |= touching;
    return __libc_malloc(size);
}
void *calloc(size_t count, size_t size)
{
    called |= touching;
    return __libc_calloc(count, size);
}
void *realloc(void *old, size_t size)
{
    called |= touching;
    return __libc_realloc(old, size);
}
void *memalign(size_t alignment, size_t size)
{
    called |= touching;
    return __libc_memalign(alignment, size);
}
void *aligned_alloc(size_t alignment, size_t size)
{
    called |= touching;
    return __libc_memalign(alignment, size);
}

static int (*checks[26])(long);
static void *touches(void *unused)
{
    long count = 0;
    (void)unused;
    for (int i = 1; i <= 25; i++) {
        called = 0;
        touching = 1;
        int wrong = checks[i](i);
        touching = 0;
        check_eq(wrong, 0);
        count += called;
    }
    return (void *)count;
}

int main(void)
{
    for (int i = 1; i <= 25; i++) {
        char name[32];
        snprintf(name, sizeof name, "libm%d.so", i);
        void *handle = opened(name, RTLD_NOW);
        snprintf(name, sizeof name, "m%d_check", i);
        checks[i] = (int (*)(long))found(handle, name);
    }
    say("calls of malloc: %ld of 25\n", (long)joined(started(touches, NULL)));
}
