static int good(void) { return 7; }
static int (*choose(void))(void) { return good; }
__attribute__((ifunc("choose"))) int chosen(void);
int (*from_inside(void))(void) { return chosen; }
