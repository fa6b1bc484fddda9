#define _GNU_SOURCE
#include <dlfcn.h>
int of_b(void);
static int real(void) { return 40; }
static int (*resolver(void))(void) { return real; }
int by_resolver(void) __attribute__((ifunc("resolver")));
int begun;
__attribute__((constructor)) static void begins(void) { begun = 1; }
int user(void) { return by_resolver() + of_b() + begun - 1; }
void *finds_c(void) { return dlsym(RTLD_DEFAULT, "of_c"); }
static __thread long own = 5;
__thread long large[3000];
int a_check(long mark)
{
    if (own != 5 || large[2999] != 0)
        return 1;
    own = large[2999] = mark;
    int wrong = own != mark || large[2999] != mark;
    own = 5, large[2999] = 0;
    return wrong;
}
