static int data = 1;
static int *pointer = &data;
int a(void) { return *pointer - 1; }
