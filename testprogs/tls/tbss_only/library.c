__thread int counter;

int *a_counter(void) { return &counter; }
