extern int datum;
int *user(void) { return &datum; }
