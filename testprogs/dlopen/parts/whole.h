// For the claims that a failed dlopen leaves nothing: what a process looks like from outside, before and after.
#ifndef WHOLE_H
#define WHOLE_H
#include "dl.h"

struct whole {
    struct seen objects;
    int lines, descriptor;
};
static struct whole whole(void)
{
    struct whole now;
    now.objects = look(NULL);
    now.lines = mappings(NULL);
    now.descriptor = dup(0);
    close(now.descriptor);
    return now;
}
// adds and subs may both have moved: an object that was entered and taken out again.
#define check_unchanged(before)                                                                                        \
    do {                                                                                                               \
        struct whole now_ = whole();                                                                                   \
        check_eq(now_.objects.total, (before).objects.total);                                                          \
        check_eq(now_.objects.adds - now_.objects.subs, (before).objects.adds - (before).objects.subs);                \
        check_eq(now_.lines, (before).lines);                                                                          \
        check_eq(now_.descriptor, (before).descriptor);                                                                \
    } while (0)
// Fails with this text, twice alike, and leaves nothing.
#define check_fails(name, mode, ...)                                                                                   \
    do {                                                                                                               \
        char expected_[9000];                                                                                          \
        snprintf(expected_, sizeof expected_, __VA_ARGS__);                                                            \
        if (dlopen(name, mode)) {                                                                                      \
            dprintf(2, "%s:%d: %s was opened\n", __FILE__, __LINE__, name);                                            \
            _exit(1);                                                                                                  \
        }                                                                                                              \
        check_text(dlerror(), expected_);                                                                              \
        struct whole before_ = whole();                                                                                \
        check(!dlopen(name, mode));                                                                                    \
        check_text(dlerror(), expected_);                                                                              \
        check_unchanged(before_);                                                                                      \
    } while (0)
#endif
