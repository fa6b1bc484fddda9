//@ about: The directory of an object is that of its file when it came, however it was named and wherever the process goes: for RTLD_DI_ORIGIN, for $ORIGIN in a name, for $ORIGIN in its DT_RUNPATH.
//@ libc: glibc
//@ sh: mkdir -p sub/beside
//@ build: sub/liba.so = opens.c -DWHO=a -Wl,-rpath,$ORIGIN/beside
//@ build: sub/libb.so = opens.c -DWHO=b
//@ build: sub/libc1.so = opens.c -DWHO=c
//@ build: sub/beside/libplugin.so = ../parts/speaks.c -DWHO=plugin -DSILENT
//@ build: prog = main.c
//@ run: {dir}
//@ env: LD_LIBRARY_PATH=sub
//@ stdout: ok

#include "../parts/dl.h"

typedef void *open_it(const char *name);

static void is_in(void *handle, const char *directory, const char *rest)
{
    char origin[4096], expected[4096];
    check_eq(dlinfo(handle, RTLD_DI_ORIGIN, origin), 0);
    snprintf(expected, sizeof expected, "%s%s", directory, rest);
    check(origin[0] == '/');
    check_text(realpath(origin, NULL), expected);
}

int main(int argc, char **argv)
{
    (void)argc;
    const char *directory = argv[1];
    void *a = opened("./sub/liba.so", RTLD_NOW), *b = opened("libb.so", RTLD_NOW);
    check_eq(chdir("/"), 0);
    is_in(a, directory, "/sub");
    is_in(b, directory, "/sub");
    void *c = opened("$ORIGIN/sub/libc1.so", RTLD_NOW), *self = opened(NULL, RTLD_NOW);
    is_in(c, directory, "/sub");
    is_in(self, directory, "");
    void *plugin = must(((open_it *)found(a, "a_opens"))("libplugin.so"));
    is_in(plugin, directory, "/sub/beside");
    check_eq(must(((open_it *)found(b, "b_opens"))("$ORIGIN/beside/libplugin.so")), plugin);
    check_eq(must(((open_it *)found(c, "c_opens"))("${ORIGIN}/./beside/libplugin.so")), plugin);
    say("ok\n");
}
