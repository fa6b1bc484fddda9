#include "../parts/dl.h"

#if defined PLAIN
int plain(void) { return 10; }
__attribute__((constructor)) static void begin(void) { say("plain begins\n"); }
#elif defined MISSING
int nowhere(void);
int missing(void) { return nowhere(); }
#elif defined ABOVE
int user(void);
int above(void) { return user() + 100; }
#elif defined RESOLVERS
// Relocated before what needs it, so that the resolvers can call.
void act(int);
#define FUNCTION(n)                                                                                                    \
    static int real_##n(void) { return n; }                                                                            \
    static int (*resolver_##n(void))(void)                                                                             \
    {                                                                                                                  \
        act(n);                                                                                                        \
        return real_##n;                                                                                               \
    }                                                                                                                  \
    int by_resolver_##n(void) __attribute__((ifunc("resolver_" #n)))
FUNCTION(1);
FUNCTION(2);
FUNCTION(3);
FUNCTION(4);
FUNCTION(5);
#else
int by_resolver_1(void), by_resolver_2(void), by_resolver_3(void), by_resolver_4(void), by_resolver_5(void);
int base(void) { return 1; }
int user(void)
{
    return by_resolver_1() + by_resolver_2() + by_resolver_3() + by_resolver_4() + by_resolver_5();
}
__attribute__((constructor)) static void begin(void) { say("user begins\n"); }
__attribute__((destructor)) static void end(void) { say("user ends\n"); }
#endif
