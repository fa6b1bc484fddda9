#include <dlfcn.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static void *from(const char *library, const char *name)
{
    void *handle = dlopen(library, RTLD_NOW);
    return handle ? dlsym(handle, name) : 0;
}

int run(void)
{
    const char *names[] = {"libc.so", "libc.musl-x86_64.so.1", "libutil.so.1"};
    for (int at = 0; at < 3; at++)
        printf("%s %d\n", names[at], from(names[at], "malloc") == (void *)malloc);
    printf("libm.so: cos %d\n", from("libm.so", "cos") == (void *)(double (*)(double))cos);
    return 0;
}
