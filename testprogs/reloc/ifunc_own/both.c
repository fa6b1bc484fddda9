static int good(void) { return 7; }
static int bad(void) { return 1; }
static int truth = 1;
static int *volatile relocated = &truth;

static int (*choose(void))(void) { return *relocated ? good : bad; }
__attribute__((visibility("hidden"), ifunc("choose"))) int chosen(void);
static int (*table[])(void) = {chosen};

int ENTRY(void) { return chosen() == table[0]() ? chosen() : 0; }
