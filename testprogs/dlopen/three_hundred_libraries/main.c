//@ about: One dlopen of a library with three hundred others below it, deep and wide, all with TLS: order, look-ups and unloading hold.
//@ axes: opt=-O2
//@ libc: glibc
//@ sh: for i in $(seq 300 -1 1); do need=; for d in $((i * 2)) $((i * 2 + 1)) $((i + 1)); do test $d -le 300 && need="$need -l:libm$d.so"; done; $CC $CFLAGS -shared -fPIC -DNUMBER=$i lib.c -o libm$i.so -L. -Wl,-rpath,'$ORIGIN' -Wl,--no-as-needed $need; done
//@ build: prog = main.c -pthread -rdynamic
//@ stdout: ok

#include "../parts/dl.h"

static bool begun[302];
static int count;
// Called by constructors: everything needed is further on in the numbers.
void begins(int number)
{
    check(number == 300 || begun[number + 1]);
    begun[number] = true;
    count++;
}
void ends(int number)
{
    check(number == 1 || !begun[number - 1]);
    begun[number] = false;
    count--;
}

static void *looks(void *m)
{
    for (int i = 1; i <= 300; i++) {
        char name[32];
        snprintf(name, sizeof name, "value%d", i);
        check_eq(*(int *)found(m, name), i);
    }
    check_eq(*(int *)found(m, "value"), 1);
    return NULL;
}

int main(void)
{
    struct seen before = look(NULL);
    for (int round = 0; round < 2; round++) {
        void *m = opened("libm1.so", RTLD_NOW);
        check_eq(count, 300);
        check_eq(look(NULL).total, before.total + 300);
        looks(m);
        joined(started(looks, m));
        closed(m);
        check_eq(count, 0);
        check_eq(look(NULL).total, before.total);
    }
    say("ok\n");
}
