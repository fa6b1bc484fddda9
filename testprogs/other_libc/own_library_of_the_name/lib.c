int own(void);
int run(void) { return own() + 1; }
