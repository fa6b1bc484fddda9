#include "../parts/dl.h"

extern void *user, *needed;
extern int constructed;
#if defined NEEDED
static int kept;
void keep(int value) { kept = value; }
int state(void) { return kept; }
__attribute__((constructor)) static void begin(void) { constructed++; }
#else
void keep(int);
int answer(void) { return 42; }
__attribute__((constructor)) static void begin(void)
{
    constructed++;
    keep(5);
}

static int number(void *handle, const char *name)
{
    return ((int (*)(void))found(handle, name))();
}
__attribute__((destructor)) static void end(void)
{
    // By its handle, which is none any more for others.
    check_eq(number(user, "answer"), 42);
    check_eq(number(user, "state"), 5);
    struct link_map *map;
    check_eq(dlinfo(user, RTLD_DI_LINKMAP, &map), 0);
    check(ends_with(map->l_name, "/libuser.so"));
    // By its name, and by that of what it needs; each open is given back, twice.
    for (int i = 0; i < 2; i++) {
        void *self = opened("libuser.so", RTLD_NOW), *noload = must(dlopen("libuser.so", RTLD_NOW | RTLD_NOLOAD));
        check_eq(self, user);
        check_eq(noload, user);
        check_eq(number(self, "answer"), 42);
        closed(self);
        closed(noload);
        void *other = must(dlopen("libneeded.so", RTLD_NOW | RTLD_NOLOAD));
        check_eq(other, opened("libneeded.so", RTLD_LAZY));
        check_eq(number(other, "state"), 5);
        closed(other);
        closed(other);
    }
    // In the scope, by address, in the list.
    check_eq(number(RTLD_DEFAULT, "answer"), 42);
    Dl_info info;
    check(dladdr(answer, &info));
    check_text(info.dli_sname, "answer");
    check(ends_with(info.dli_fname, "/libuser.so"));
    check_here("/libuser.so");
    check_here("/libneeded.so");
    say("found\n");
}
#endif
