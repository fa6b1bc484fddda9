static __thread int value = 123;
int *counter(void) { return &value; }
