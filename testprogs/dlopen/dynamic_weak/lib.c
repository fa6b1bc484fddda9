KIND int where(void) { return VALUE; }
__attribute__((weak)) int only_weak(void) { return VALUE; }
