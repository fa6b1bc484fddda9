//@ about: What a library misses is found in the closure of whoever opened it since, in the order of opening, and no more when that is closed: for functions bound when called and for RTLD_DEFAULT.
//@ libc: glibc
//@ build: libuser.so = user.c -Wl,-z,lazy -Wl,-soname,libuser.so
//@ build: libuser2.so = user.c -DSECOND -Wl,-z,lazy -Wl,-soname,libuser2.so
//@ build: libone.so = gives.c -DNAME=one -DGIVES=given_by_one
//@ build: libtwo.so = gives.c -DNAME=two -DGIVES=given_by_two
//@ build: libthree.so = gives.c -DNAME=three -DGIVES=given_by_three
//@ build: root1.so = root.c -DROOT=root1 -Wl,--no-as-needed -l:libuser.so -l:libone.so
//@ build: root2.so = root.c -DROOT=root2 -Wl,--no-as-needed -l:libtwo.so -l:libuser.so -l:libuser2.so
//@ build: root3.so = root.c -DROOT=root3 -Wl,--no-as-needed -l:libthree.so -l:libuser.so
//@ build: prog = main.c
//@ stdout: by the first: one
//@ stdout: by RTLD_DEFAULT: one
//@ stdout: by the second: two
//@ stdout: in the order of opening: one
//@ stdout: without the first: two
//@ stdout: by the third: three
//@ stdout: ok

#include "../parts/dl.h"

typedef const char *ask(void);
typedef void *look_up(const char *name);

static void tell(const char *what, void *function)
{
    say("%s: %s\n", what, function ? ((ask *)function)() : "nobody");
}

int main(void)
{
    void *user = opened("libuser.so", RTLD_LAZY);
    look_up *sees = (look_up *)found(user, "sees");
    check(!sees("given_by_one") && !sees("name"));
    void *first = opened("root1.so", RTLD_LAZY);
    tell("by the first", found(user, "asks_one"));
    tell("by RTLD_DEFAULT", sees("given_by_one"));
    check(!sees("given_by_two"));
    void *second = opened("root2.so", RTLD_LAZY);
    tell("by the second", found(user, "asks_two"));
    tell("in the order of opening", sees("name"));
    // Neither the program nor the library's own handle sees more than before.
    check(absent(RTLD_DEFAULT, "name"));
    check(absent(user, "name"));
    // What was bound stays, what was only in a scope does not.
    closed(first);
    check(!sees("root1") && !sees("given_by_one"));
    tell("without the first", sees("name"));
    closed(user);
    void *third = opened("root3.so", RTLD_LAZY);
    tell("by the third", sees("given_by_three"));
    closed(third);
    // A library that the one leaves behind that brought it has its own scope.
    void *user2 = opened("libuser2.so", RTLD_LAZY);
    look_up *also_sees = (look_up *)found(user2, "also_sees");
    check(also_sees("given_by_two") && also_sees("also_sees"));
    closed(second);
    check(!also_sees("root2"));
    check(also_sees("also_sees"));
    check_eq(opened("libuser2.so", RTLD_LAZY | RTLD_NOLOAD), user2);
    say("ok\n");
}
