// Refuses memory to the loader's heap at every block in turn (argv[1]: where the loader keeps ld_rs_refuse), once and from
// there on, and looks at what dlopen, dlclose, dlsym, dlerror and pthread_create make of it.
#include "whole.h"
#include <sys/auxv.h>

enum { EVER = -1u };
static volatile unsigned *refuse;
static void arm(unsigned given, unsigned refused)
{
    refuse[1] = refused;
    refuse[0] = given;
}
// Whether the first block to be refused was asked for.
static bool disarm(void)
{
    bool reached = refuse[0] == 0;
    refuse[0] = EVER;
    refuse[1] = 0;
    return reached;
}

static void check_message(const char *text)
{
    check(text);
    if (!strstr(text, "annot allocate memory") && !strstr(text, "out of memory"))
        say("not about memory: %s\n", text);
}
static void *uses(void *check_a)
{
    check_eq(((int (*)(long))check_a)(7), 0);
    return NULL;
}
static void check_works(void *a)
{
    check_eq(((int (*)(void))found(a, "user"))(), 42);
    joined(started(uses, found(a, "a_check")));
}

static int opening(unsigned refused, int mode)
{
    int failures = 0;
    struct whole before = whole();
    for (unsigned given = 0;; given++) {
        arm(given, refused);
        void *a = dlopen("./liba.so", mode);
        const char *text = a ? NULL : dlerror();
        bool reached = disarm();
        if (!a) {
            failures++;
            check(reached);
            check_message(text);
            check_eq(dlerror(), NULL);
        } else {
            check_works(a);
            closed(a);
        }
        check_gone("/liba.so");
        check_gone("/libb.so");
        struct whole now = whole();
        check_eq(now.objects.total, before.objects.total);
        check_eq(now.descriptor, before.descriptor);
        if (!reached)
            return failures;
    }
}

// Where nothing is given for long, the reserve is used up, and nothing works but what needs nothing.
static void drought(void)
{
    void *a = opened("./liba.so", RTLD_NOW);
    arm(0, EVER);
    int opens = 0;
    for (void *again = a; again; opens++) {
        check(opens < 1000);
        check_eq(dlopen("./libc1.so", RTLD_NOW), NULL);
        check_message(dlerror());
        again = dlopen("./liba.so", RTLD_NOW | RTLD_NOLOAD);
        if (again)
            closed(again);
    }
    check_message(dlerror());
    check(dlclose(a) != 0);
    check_message(dlerror());
    disarm();
    check(opens > 1);
    check_works(a);
    closed(a);
    check_gone("/liba.so");
    closed(opened("./libc1.so", RTLD_NOW));
}

static void closing(unsigned refused)
{
    for (unsigned given = 0;; given++) {
        void *a = opened("./liba.so", RTLD_NOW);
        arm(given, refused);
        int result = dlclose(a);
        const char *text = result ? dlerror() : NULL;
        bool reached = disarm();
        if (result) {
            check_message(text);
            check_works(a);
            closed(a);
        }
        check_gone("/liba.so");
        if (!reached)
            return;
    }
}

static void threads(unsigned refused)
{
    void *a = opened("./liba.so", RTLD_NOW);
    int failures = 0;
    for (unsigned given = 0;; given++) {
        pthread_attr_t attributes;
        pthread_t thread;
        check_eq(pthread_attr_init(&attributes), 0);
        // A stack of ours, which libc does not keep: a new thread for the loader each time.
        static char stack[1 << 17] __attribute__((aligned(64)));
        check_eq(pthread_attr_setstack(&attributes, stack, sizeof stack), 0);
        arm(given, refused);
        int result = pthread_create(&thread, &attributes, uses, found(a, "a_check"));
        bool reached = disarm();
        if (result) {
            failures++;
            check(reached && (result == EAGAIN || result == ENOMEM));
        } else
            joined(thread);
        if (!reached)
            break;
    }
    check(failures > 0);
    check_works(a);
    closed(a);
    check_gone("/liba.so");
}

static void *errors(void *unused)
{
    (void)unused;
    arm(0, EVER);
    check_eq(dlsym(RTLD_DEFAULT, "nothing_of_this_name"), NULL);
    check_text(dlerror(), "out of memory");
    check_eq(dlerror(), NULL);
    disarm();
    check(absent(RTLD_DEFAULT, "nothing_of_this_name"));
    return NULL;
}

// What liba finds by RTLD_DEFAULT stays, with or without memory to remember that.
static void holding(unsigned refused)
{
    void *a = opened("./liba.so", RTLD_NOW), *c = opened("./libc1.so", RTLD_NOW | RTLD_GLOBAL);
    arm(0, refused);
    int (*found_c)(void) = ((int (*(*)(void))(void))found(a, "finds_c"))();
    disarm();
    check(found_c);
    closed(c);
    check_eq(found_c(), 3);
    closed(a);
}

int main(int count, char **arguments)
{
    check_eq(count, 2);
    refuse = (volatile unsigned *)(getauxval(AT_BASE) + strtoul(arguments[1], NULL, 16));
    // What a loader keeps for later openings it may keep.
    closed(opened("./liba.so", RTLD_NOW));
    whole();
    for (int mode = RTLD_LAZY; mode <= RTLD_NOW; mode++) {
        int once = opening(1, mode), from_then_on = opening(EVER, mode);
        check(once > 20 && from_then_on > 20);
    }
    closing(1);
    closing(EVER);
    threads(1);
    threads(EVER);
    joined(started(errors, NULL));
    holding(1);
    holding(EVER);
    drought();
    check(opening(1, RTLD_NOW) > 20);
    say("ok\n");
}
