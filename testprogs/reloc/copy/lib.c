int datum[4] = {1, 2, 3, 4};
int *where(void) { return datum; }
int sum(void) { return datum[0] + datum[1] + datum[2] + datum[3]; }
