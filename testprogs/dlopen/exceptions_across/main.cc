//@ about: C++ exceptions leave an opened library, enter one through a callback and cross two of them, with destructors run and types recognised, in the initial and in other threads.
//@ axes: cc=gcc,clang ld=bfd,lld,mold,gold
//@ libc: glibc
//@ build: liba.so = lib.cc -DWHO=a
//@ build: libb.so = lib.cc -DWHO=b
//@ build: prog = main.cc -pthread
//@ stdout: ok

#include "../parts/dl.h"
#include "kind.h"
#include <stdexcept>

static void (*through_a)(void (*)(void *), void *), (*through_b)(void (*)(void *), void *), (*throw_a)(), (*throw_b)();
static int (*catch_a)(void (*)(void *), void *);

static void throws_own(void *number)
{
    throw Kind{*(int *)number, {}};
}
static void throws_of_a(void *)
{
    throw_a();
}
static void by_b(void *number)
{
    through_b(throws_own, number);
}
static void *crosses(void *unused)
{
    int unwound = 0;
    try {
        throw_a();
        check(false);
    } catch (const std::runtime_error &e) {
        check_text(e.what(), "thrown by a");
    }
    int number = 7;
    try {
        through_a(by_b, &number);
        check(false);
    } catch (const Kind &kind) {
        check_eq(kind.number, 7);
        unwound = kind.unwound;
    }
    check_eq(unwound, 0);
    check_eq(catch_a(throws_own, &number), 7);
    check_eq(catch_a(by_b, &number), 7);
    check_eq(catch_a(throws_of_a, nullptr), -1);
    return unused;
}

int main()
{
    for (int round = 0; round < 20; round++) {
        void *a = opened("liba.so", RTLD_NOW), *b = opened("libb.so", RTLD_LAZY);
        through_a = (void (*)(void (*)(void *), void *))found(a, "a_through");
        through_b = (void (*)(void (*)(void *), void *))found(b, "b_through");
        throw_a = (void (*)())found(a, "a_throw");
        throw_b = (void (*)())found(b, "b_throw");
        catch_a = (int (*)(void (*)(void *), void *))found(a, "a_catch");
        crosses(nullptr);
        joined(started(crosses, nullptr));
        check_eq(*(int *)found(a, "a_unwound"), *(int *)found(b, "b_unwound") * 2);
        check_eq(*(int *)found(b, "b_unwound") % 4, 0);
        closed(a);
        closed(b);
    }
    say("ok\n");
}
