#include "../parts/dl.h"
#define TEXT_(x) #x
#define TEXT(x) TEXT_(x)

__attribute__((constructor)) static void begin(void)
{
    say(TEXT(WHO) " begins\n");
}

__attribute__((destructor)) static void end(void)
{
    say(TEXT(WHO) " ends\n");
}

#ifdef LEAVES
void leave(void);

static int one(void)
{
    return 1;
}

static void *choose(void)
{
    leave();
    return one;
}

int chosen(void) __attribute__((ifunc("choose")));
int (*pointer)(void) = chosen;
#endif
