__attribute__((weak)) void nobody_function(void);
__attribute__((weak)) extern int nobody_datum[];
static char *table[2] = {(char *)nobody_datum, (char *)(nobody_datum + 2)};

void *function_here(void) { return (void *)nobody_function; }
void *datum_here(void) { return nobody_datum; }
char **table_here(void) { return table; }
