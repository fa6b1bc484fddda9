//@ about: dlerror has a name as it was given where no file is opened or the object is refused, and the file's path where the file is at fault.
//@ libc: glibc
//@ build: liba.so = ../parts/speaks.c -DWHO=a -DSILENT -z nodlopen
//@ build: other = other.c -pie
//@ sh: printf 'no ELF at all, but long enough for a header of one, sixty-four bytes' > text.so
//@ build: prog = main.c
//@ run: {dir}
//@ env: LD_LIBRARY_PATH={dir}
//@ stdout: $ORIGIN/libnone.so: cannot open shared object file: No such file or directory
//@ stdout: ${ORIGIN}/libnone.so: cannot open shared object file: No such file or directory
//@ stdout: /none/$ORIGIN/libnone.so: cannot open shared object file: No such file or directory
//@ stdout: $LIB/libnone.so: cannot open shared object file: No such file or directory
//@ stdout: /${LIB}/libnone.so: cannot open shared object file: No such file or directory
//@ stdout: ./$PLATFORM/libnone.so: cannot open shared object file: No such file or directory
//@ stdout: $ORIGIN: cannot open shared object file: No such file or directory
//@ stdout: $ORIGINAL/libnone.so: cannot open shared object file: No such file or directory
//@ stdout: ${ORIGIN/libnone.so: cannot open shared object file: No such file or directory
//@ stdout: $: cannot open shared object file: No such file or directory
//@ stdout: $ORIGIN/text.so/: cannot open shared object file: Not a directory
//@ stdout: the path: invalid ELF header
//@ stdout: {dir}/text.so: invalid ELF header
//@ stdout: {dir}: cannot read file data: Is a directory
//@ stdout: $ORIGIN/other: cannot dynamically load position-independent executable
//@ stdout: other: cannot dynamically load position-independent executable
//@ stdout: $ORIGIN/liba.so: shared object cannot be dlopen()ed
//@ stdout: liba.so: shared object cannot be dlopen()ed

#include "../parts/dl.h"

int main(int argc, char **argv)
{
    (void)argc;
    static const char *const names[] = {"$ORIGIN/libnone.so",
                                        "${ORIGIN}/libnone.so",
                                        "/none/$ORIGIN/libnone.so",
                                        "$LIB/libnone.so",
                                        "/${LIB}/libnone.so",
                                        "./$PLATFORM/libnone.so",
                                        "$ORIGIN",
                                        "$ORIGINAL/libnone.so",
                                        "${ORIGIN/libnone.so",
                                        "$",
                                        "$ORIGIN/text.so/",
                                        "$ORIGIN/text.so",
                                        "text.so",
                                        NULL,
                                        "$ORIGIN/other",
                                        "other",
                                        "$ORIGIN/liba.so",
                                        "liba.so"};
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
        const char *name = names[i] ? names[i] : argv[1];
        check(!dlopen(name, RTLD_LAZY));
        const char *text = must(dlerror());
        // The program's directory, which may be told in two ways, stands for $ORIGIN.
        bool expanded = strcmp(name, "$ORIGIN/text.so") == 0 && text[0] == '/';
        say("%s%s\n", expanded ? "the path" : text, expanded ? strchr(text, ':') : "");
    }
}
