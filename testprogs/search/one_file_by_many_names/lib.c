// A second copy would find `loads` of the first.
int loads;
__attribute__((constructor)) static void load(void) { loads++; }
