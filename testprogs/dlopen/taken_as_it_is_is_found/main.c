//@ about: Two threads close a library each, whose destructors open the other's: one of them has to take it as it is, and finds in it, and in what it needs, all that there is, by its handle, by calls that are not bound yet and by its name.
//@ libc: glibc
//@ build: libn0.so = lib.c -DINNER -Wl,-soname,libn0.so
//@ build: libn1.so = lib.c -DINNER -Wl,-soname,libn1.so
//@ build: libp0.so = lib.c -DWHO=0 -DOTHER="libp1.so" -Wl,-soname,libp0.so -Wl,-z,lazy -Wl,--no-as-needed -l:libn0.so
//@ build: libp1.so = lib.c -DWHO=1 -DOTHER="libp0.so" -Wl,-soname,libp1.so -Wl,-z,lazy -Wl,--no-as-needed -l:libn1.so
//@ build: prog = main.c -rdynamic -pthread
//@ stdout: ok

#include "../parts/dl.h"

atomic_int ending, acted[2];

static void *closes(void *handle)
{
    closed(handle);
    return NULL;
}

int main(void)
{
    alarm(10);
    for (int i = 0; i < 20; i++) {
        void *handles[2] = {opened("libp0.so", RTLD_LAZY), opened("libp1.so", RTLD_LAZY)};
        pthread_t threads[2];
        atomic_store(&ending, 0);
        for (int who = 0; who < 2; who++) {
            atomic_store(&acted[who], 0);
            threads[who] = started(closes, handles[who]);
        }
        joined(threads[0]);
        joined(threads[1]);
        static const char *const files[] = {"/libp0.so", "/libp1.so", "/libn0.so", "/libn1.so"};
        for (int file = 0; file < 4; file++)
            check_gone(files[file]);
    }
    say("ok\n");
}
