#include <cstdio>

static thread_local int name;
struct Object {
    int uses = 0;
    Object() { dprintf(1, "constructed %d\n", name); }
    ~Object() { dprintf(1, "destroyed %d\n", name); }
};
static thread_local Object object;
extern "C" int use(int who)
{
    name = who;
    return ++object.uses;
}
