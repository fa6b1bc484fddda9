#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
extern int z_ready;

int JOIN(NAME, _ready);

__attribute__((constructor)) static void ready(void) { JOIN(NAME, _ready) += NEEDS + 1; }
