//@ about: A thread's error goes with it: the next thread on its stack, given by libc or by the program, has none, and the texts of many threads are freed.
//@ libc: glibc
//@ build: prog = main.c -pthread
//@ stdout: ok

#include "../parts/dl.h"
#include <sys/mman.h>

enum { STACK = 256 << 10, LONG = 4000 };
static char name[LONG + 1];
static void *fails(void *unused)
{
    (void)unused;
    check_eq(dlerror(), NULL);
    check_eq(dlopen(name, RTLD_NOW), NULL);
    return NULL;
}
static void *fails_and_asks(void *unused)
{
    fails(unused);
    const char *text = dlerror();
    check(text && strstr(text, name));
    check_eq(dlerror(), NULL);
    check(strstr(text, name));
    return NULL;
}
static void *asks(void *unused)
{
    (void)unused;
    return (void *)dlerror();
}

static void *on(void *stack, void *(*body)(void *))
{
    pthread_attr_t attributes;
    pthread_t thread;
    check_eq(pthread_attr_init(&attributes), 0);
    if (stack)
        check_eq(pthread_attr_setstack(&attributes, stack, STACK), 0);
    check_eq(pthread_create(&thread, &attributes, body, NULL), 0);
    return joined(thread);
}
static void *fresh_stack(void)
{
    void *stack = mmap(NULL, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    check(stack != MAP_FAILED);
    return stack;
}

int main(void)
{
    memset(name, 'x', LONG);
    check_eq(dlopen("./none.so", RTLD_NOW), NULL);
    void *own = fresh_stack();
    for (int i = 0; i < 50; i++) {
        on(NULL, i % 2 ? fails : fails_and_asks);
        check_eq(on(NULL, asks), NULL);
        on(own, i % 2 ? fails : fails_and_asks);
        check_eq(on(own, asks), NULL);
    }
    // Each on a stack of its own, at an address of its own.
    enum { MANY = 3000 };
    static void *stacks[MANY];
    long before = 0;
    for (int i = 0; i < MANY; i++) {
        if (i == 100)
            before = resident_pages();
        stacks[i] = fresh_stack();
        on(stacks[i], fails);
        check_eq(madvise(stacks[i], STACK, MADV_DONTNEED), 0);
    }
    // A leak would be MANY pages; page tables are not counted.
    check(resident_pages() - before < MANY / 4);
    check_text(dlerror(), "./none.so: cannot open shared object file: No such file or directory");
    check_eq(dlerror(), NULL);
    say("ok\n");
}
