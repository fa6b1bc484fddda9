extern int unique;
int *NAME(void) { return &unique; }
