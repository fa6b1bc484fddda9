//@ about: A hundred libraries with TLS: ids in load order, blocks side by side, images right in every thread.
//@ axes: ld=bfd,mold
//@ libc: none,musl
//@ sh: for i in $(seq 100); do $CC $CFLAGS -fuse-ld=$LD -fPIC -shared -DWHO=m$i -DDATA=$((i + 4)) -DALIGN=1 "$SRC/../parts/module.c" -o libm$i.so; done
//@ sh: for i in $(seq 100); do echo -l:libm$i.so; done > modules
//@ sh: (for i in $(seq 100); do echo "void m${i}_module(void *);"; done; echo "void (*const modules[])(void *) = {"; for i in $(seq 100); do echo "m${i}_module,"; done; echo "};") > table.c
//@ build: prog = main.c table.c @modules
//@ stdout: ok

#include "layout.h"
#include "start.h"
#include "threads.h"

extern void (*const modules[100])(struct tls_module *);

static void check_modules(void *unused)
{
    (void)unused;
    unsigned long used = 0;
    for (unsigned long i = 0; i < 100; i++) {
        struct tls_module m;
        modules[i](&m);
        used = check_block(used, &m, i + 1);
        check_image(&m);
    }
}

int main(int argc, char **argv, char **envp)
{
    (void)argc, (void)argv, (void)envp;
    check_modules(NULL);
    struct thread threads[4];
    for (int i = 0; i < 4; i++)
        thread_start(&threads[i], check_modules, NULL);
    for (int i = 0; i < 4; i++)
        thread_join(&threads[i]);
    print("ok\n");
    return 0;
}
