int loads;
__attribute__((constructor)) static void load(void) { loads++; }
