int own = 2;
static int *pointer = &own;
int sees(void) { return *pointer; }
