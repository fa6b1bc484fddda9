/* A program that opens libmusl.so, which was built for musl, and does what it says: with glibc by ld-rs, with musl as ever. */
#include <dlfcn.h>
#include <stdio.h>

static int (*opened(void))(void)
{
    void *library = dlopen("./libmusl.so", RTLD_NOW);
    int (*run)(void) = library ? (int (*)(void))dlsym(library, "run") : 0;
    if (!run)
        printf("%s\n", dlerror());
    return run;
}
