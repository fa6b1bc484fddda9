int decide(void);
static int seven(void) { return 7; }
static int eight(void) { return 8; }
static int (*choose(void))(void) { return decide() ? eight : seven; }
__attribute__((ifunc("choose"))) int chosen(void);
