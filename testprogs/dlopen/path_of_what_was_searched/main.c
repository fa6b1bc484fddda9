//@ about: The path at which a search found a library means that library as long as it is there, whatever file replaced it; other paths mean the new file. A name too long for a path is told as that.
//@ libc: glibc
//@ build: liba.so = ../parts/speaks.c -DWHO=new -DSILENT
//@ sh: mv liba.so new.so
//@ build: liba.so = ../parts/speaks.c -DWHO=old -DSILENT
//@ sh: mv liba.so old.so
//@ build: libstart.so = ../parts/speaks.c -DWHO=start -DSILENT
//@ build: prog = main.c -Wl,--no-as-needed -l:libstart.so
//@ run: {dir}
//@ env: LD_LIBRARY_PATH={dir}
//@ stdout: ok

#include "../parts/dl.h"

static char path[4096];
static const char *in(const char *directory, const char *file)
{
    snprintf(path, sizeof path, "%s/%s", directory, file);
    return path;
}

static void becomes(const char *name, const char *file)
{
    unlink(name);
    check_eq(link(file, name), 0);
}

int main(int argc, char **argv)
{
    (void)argc;
    const char *directory = argv[1];
    becomes("liba.so", "old.so");
    void *a = opened("liba.so", RTLD_NOW);
    becomes("liba.so", "new.so");
    check_eq(opened(in(directory, "liba.so"), RTLD_NOW), a);
    check_eq(opened(in(directory, "liba.so"), RTLD_NOW | RTLD_NOLOAD), a);
    void *other = opened("./liba.so", RTLD_NOW);
    check(other != a);
    found(a, "old");
    found(other, "new");
    closed(other);
    for (int i = 0; i < 3; i++)
        closed(a);
    a = opened(in(directory, "liba.so"), RTLD_NOW);
    found(a, "new");
    // So of what start-up found.
    void *start = opened("libstart.so", RTLD_NOW);
    check_eq(rename("libstart.so", "moved.so"), 0);
    void *again = dlopen(in(directory, "libstart.so"), RTLD_NOW);
    check_eq(rename("moved.so", "libstart.so"), 0);
    check_eq(again, start);

    static char name[6000];
    for (int i = 0; i < 4; i++) {
        memset(name, 'a', sizeof name);
        name[0] = i < 2 ? '/' : 'a';
        name[i % 2 ? 300 : sizeof name - 1] = 0;
        check(!dlopen(name, RTLD_NOW));
        check(ends_with(must(dlerror()), "aa: cannot open shared object file: File name too long"));
    }
    say("ok\n");
}
