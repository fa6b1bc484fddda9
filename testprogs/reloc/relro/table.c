static char target = 0x77;
static char *const table[] = {&target};
char *const *NAME(void) { return table; }
