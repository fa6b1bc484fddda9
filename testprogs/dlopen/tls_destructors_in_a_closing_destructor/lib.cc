#include "../parts/dl.h"

struct counted {
    int value = 7;
    ~counted() { say("thread's object of %d\n", value); }
};
static thread_local counted object;
static void *touches(void *value)
{
    check_eq(object.value, 7);
    object.value = (int)(long)value;
    return nullptr;
}
__attribute__((destructor)) static void end()
{
    say("closing\n");
    joined(started(touches, (void *)1L));
    joined(started(touches, (void *)2L));
    say("closed\n");
}
