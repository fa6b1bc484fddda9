__attribute__((visibility("hidden"))) int hidden = VALUE;
static int *pointer = &hidden;
int NAME(void) { return *pointer; }
