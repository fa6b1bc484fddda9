//@ about: a coroutine with 4 KiB of stack opens, searches and closes small libraries: by name, by path, with a constructor and versions, with TLS; and meets what is not there
//@ axes: opt=-O2
//@ libc: glibc
//@ build: liba.so = small.c -nostdlib
//@ build: libb.so = small.c -DLOCAL=__thread -ftls-model=initial-exec -nostdlib
//@ build: libv.so = small.c -DCONSTRUCTOR -nostdlib -Wl,--version-script=map
//@ build: prog = main.c
//@ stdout: ok

#include "../parts/dl.h"
#include <sys/mman.h>

/* A page, with one that nobody may touch below it. */
static char *top;
static const char *name;
static int failed;

static void opens(void)
{
    void *library = dlopen(name, RTLD_NOW);
    if (!library) {
        failed++;
        return;
    }
    failed += !dlsym(library, "value");
    Dl_info info;
    failed += !dladdr((void *)opens, &info);
    failed += dlclose(library);
}

static void misses(void)
{
    failed += dlopen(name, RTLD_NOW) != NULL;
    failed += dlerror() == NULL;
}

static void on_page(void (*function)(void))
{
    __asm__ volatile("mov %%rsp, %%rbx\n\tmov %0, %%rsp\n\tcall *%1\n\tmov %%rbx, %%rsp"
                     : : "r"(top), "r"(function)
                     : "rbx", "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "memory", "cc");
}

int main(void)
{
    char *pages = mmap(NULL, 2 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    check(pages != MAP_FAILED && mprotect(pages, 4096, PROT_NONE) == 0);
    top = pages + 2 * 4096;
    char path[300];
    check(getcwd(path, 200) != NULL);
    strcat(path, "/liba.so");
    // The first text for an error that glibc puts together takes more.
    name = "/nowhere/libnone.so";
    misses();
    static const char *const names[] = {"liba.so", "libb.so", "libv.so", "./liba.so", "./libv.so", "$ORIGIN/liba.so"};
    for (int round = 0; round < 3; round++) {
        for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
            name = names[i];
            on_page(opens);
            check_eq(failed, 0);
        }
        name = path;
        on_page(opens);
        name = "/nowhere/libnone.so";
        on_page(misses);
        name = "./main.c";
        on_page(misses);
        check_eq(failed, 0);
    }
    say("ok\n");
}
