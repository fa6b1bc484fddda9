__thread int counter = 123;

int *a_counter(void) { return &counter; }
