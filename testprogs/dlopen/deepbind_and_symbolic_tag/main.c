//@ about: Relocations of an object with DT_SYMBOLIC bind to itself first, whoever brought it; those of one opened with RTLD_DEEPBIND, and of what it needs, to its closure before the program; where both hold the closure comes first
//@ rule: RTLD_DEEPBIND: The closure comes before the program's scope, and before what DT_SYMBOLIC says of an object in it, for relocations and RTLD_DEFAULT alike.
//@ rule: DT_SYMBOLIC: Relocations of the object and RTLD_DEFAULT in it look in the object itself first, but behind the closure of one opened with RTLD_DEEPBIND that brought it.
//@ libc: glibc
//@ build: libplain.so = lib.c -DWHO=plain -DBY_POINTER=plain_pointer -DBY_CALL=plain_call
//@ build: libsymbolic.so = lib.c -DWHO=symbolic -DBY_POINTER=symbolic_pointer -DBY_CALL=symbolic_call
//@ sh: sh $SRC/../../parts/retag.sh libsymbolic.so 0x6ffffff9 0x10
//@ build: libinner.so = lib.c -DWHO=inner -DBY_POINTER=inner_pointer -DBY_CALL=inner_call
//@ sh: sh $SRC/../../parts/retag.sh libinner.so 0x6ffffff9 0x10
//@ build: libdeepdep.so = lib.c -DWHO=deepdep -DBY_POINTER=deepdep_pointer -DBY_CALL=deepdep_call
//@ build: libdeep.so = lib.c -DWHO=deep -DBY_POINTER=deep_pointer -DBY_CALL=deep_call -Wl,--no-as-needed -l:libdeepdep.so -l:libinner.so
//@ build: libboth.so = lib.c -DWHO=both -DBY_POINTER=both_pointer -DBY_CALL=both_call
//@ sh: sh $SRC/../../parts/retag.sh libboth.so 0x6ffffff9 0x10
//@ build: prog = main.c -rdynamic
//@ elf: libsymbolic.so has SYMBOLIC R_X86_64_JUMP_SLO R_X86_64_64
//@ stdout: plain: program program
//@ stdout: symbolic: symbolic symbolic
//@ stdout: deep: deep deep
//@ stdout: needed by deep: deep deep
//@ stdout: symbolic, needed by deep: deep deep
//@ stdout: both: both both

#include "../parts/dl.h"

typedef const char *ask(void);
const char *who(void)
{
    return "program";
}

static void tell(const char *what, void *handle, const char *pointer, const char *call)
{
    say("%s: %s %s\n", what, ((ask *)found(handle, pointer))(), ((ask *)found(handle, call))());
}

int main(void)
{
    tell("plain", opened("libplain.so", RTLD_NOW), "plain_pointer", "plain_call");
    tell("symbolic", opened("libsymbolic.so", RTLD_NOW), "symbolic_pointer", "symbolic_call");
    void *deep = opened("libdeep.so", RTLD_NOW | RTLD_DEEPBIND);
    tell("deep", deep, "deep_pointer", "deep_call");
    tell("needed by deep", deep, "deepdep_pointer", "deepdep_call");
    tell("symbolic, needed by deep", deep, "inner_pointer", "inner_call");
    tell("both", opened("libboth.so", RTLD_NOW | RTLD_DEEPBIND), "both_pointer", "both_call");
}
