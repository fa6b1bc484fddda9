__attribute__((weak)) int strong(void) { return 2; }
__attribute__((weak)) int weak(void) { return 2; }
int own(void) { return 2; }
__attribute__((weak)) int datum = 2;
int sees(void) { return strong() * 1000 + weak() * 100 + own() * 10 + datum; }
