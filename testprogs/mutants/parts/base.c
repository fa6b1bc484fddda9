// libbase.so: a table of pointers, an IFUNC, TLS, constructors in an array and by DT_INIT.
#include "trace.h"

int shared[4] = {1, 2, 3, 4};
static int zeroes[2000];
__thread int counter __attribute__((aligned(32))) = 40;
static __thread int hidden_counter = 2, blank[20];

void absent(void) __attribute__((weak));

static int add_one(int x) { return x + 1; }
static int add_two(int x) { return x + 2; }
static struct table second = {"second", add_two, &shared[2], 0};
static struct table first = {"first", add_one, &shared[1], &second};
struct table *const tables[2] = {&first, &second};

#ifdef VERSIONED
int twice_old(int x) { return x; }
__asm__(".symver twice_old, twice@BASE_1\n.symver twice_new, twice@@BASE_2");
int twice_new(int x) { return 2 * x; }
#else
int twice(int x) { return 2 * x; }
#endif

static int plain(int x) { return x + 10; }
static void *resolve(void) { return plain; }
int chosen(int) __attribute__((ifunc("resolve")));

int count(void)
{
    zeroes[counter] += absent ? 100 : 1;
    return ++counter + hidden_counter++ + blank[3] + zeroes[40];
}

void base_init(void) { say("DT_INIT of base\n"); }
void base_fini(void) { say("DT_FINI of base\n"); }
__attribute__((constructor)) static void construct(void) { say("constructor of base\n"); }
__attribute__((destructor)) static void destruct(void) { say("destructor of base\n"); }
