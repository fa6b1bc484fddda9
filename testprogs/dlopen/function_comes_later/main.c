//@ about: A function that no object defined at first is found when it is called, if RTLD_GLOBAL brought it since.
//@ libc: glibc
//@ build: libuser.so = user.c -Wl,-z,lazy
//@ build: libplugin.so = plugin.c -Wl,-z,lazy
//@ build: liblater.so = later.c
//@ build: prog = main.c -Wl,--no-as-needed -l:libuser.so -Wl,--allow-shlib-undefined
//@ env: LD_LIBRARY_PATH={dir}
//@ stdout: start-up library: 3 4
//@ stdout: opened library: 13 14
//@ stdout: it stays as long as it is bound to: 15

#include "../parts/dl.h"

int user(void);

int main(void)
{
    void *plugin = opened("libplugin.so", RTLD_LAZY);
    int (*use)(void) = (int (*)(void))found(plugin, "plugin");
    void *later = opened("liblater.so", RTLD_NOW | RTLD_GLOBAL);
    printf("start-up library: %d", user());
    printf(" %d\n", user());
    printf("opened library: %d", use());
    printf(" %d\n", use());
    dlclose(later);
    printf("it stays as long as it is bound to: %d\n", use());
}
