extern int loads;
int *NAME(void) { return &loads; }
