//@ about: RTLD_DEFAULT looks in the caller's scopes in their order: an object with DT_SYMBOLIC first in itself, one opened with RTLD_DEEPBIND first in its own closure; RTLD_NEXT behind it in what brought it.
//@ libc: glibc
//@ build: libdep.so = lib.c -DWHO=dep -DASK=dep_asks -DNEXT=dep_next -DONLY=only_dep
//@ build: libsymbolic.so = lib.c -DWHO=symbolic -DASK=symbolic_asks -DNEXT=symbolic_next -Wl,-Bsymbolic
//@ build: libplain.so = lib.c -DWHO=plain -DASK=plain_asks -DNEXT=plain_next -Wl,--no-as-needed -l:libdep.so
//@ build: libdeepdep.so = lib.c -DWHO=deepdep -DASK=deepdep_asks -DNEXT=deepdep_next
//@ build: libdeep.so = lib.c -DWHO=deep -DASK=deep_asks -DNEXT=deep_next -Wl,--no-as-needed -l:libdeepdep.so
//@ build: libinner.so = lib.c -DWHO=inner -DASK=inner_asks -DNEXT=inner_next -Wl,-Bsymbolic
//@ build: libouter.so = lib.c -DWHO=outer -DASK=outer_asks -DNEXT=outer_next -Wl,--no-as-needed -l:libinner.so
//@ build: prog = main.c -rdynamic
//@ stdout: symbolic: symbolic, next nobody
//@ stdout: plain: program, next dep
//@ stdout: dep: program, next nobody
//@ stdout: deep: deep, next deepdep
//@ stdout: dependency of deep: deep, next nobody
//@ stdout: symbolic, brought by deep: outer, next nobody
//@ stdout: dep, global: program, next nobody
//@ stdout: dep, left behind: program, next nobody
//@ stdout: ok

#include "../parts/dl.h"

typedef const char *ask(void);
const char *who(void)
{
    return "program";
}

static void tell(const char *what, void *handle, const char *asks, const char *next)
{
    say("%s: %s, next %s\n", what, ((ask *)found(handle, asks))(), ((ask *)found(handle, next))());
}

int main(void)
{
    void *symbolic = opened("libsymbolic.so", RTLD_NOW), *plain = opened("libplain.so", RTLD_NOW);
    void *deep = opened("libdeep.so", RTLD_NOW | RTLD_DEEPBIND);
    tell("symbolic", symbolic, "symbolic_asks", "symbolic_next");
    tell("plain", plain, "plain_asks", "plain_next");
    tell("dep", plain, "dep_asks", "dep_next");
    tell("deep", deep, "deep_asks", "deep_next");
    tell("dependency of deep", deep, "deepdep_asks", "deepdep_next");
    void *outer = opened("libouter.so", RTLD_NOW | RTLD_DEEPBIND);
    tell("symbolic, brought by deep", outer, "inner_asks", "inner_next");
    void *dep = opened("libdep.so", RTLD_NOW | RTLD_GLOBAL);
    tell("dep, global", dep, "dep_asks", "dep_next");
    closed(plain);
    tell("dep, left behind", dep, "dep_asks", "dep_next");
    say("ok\n");
}
