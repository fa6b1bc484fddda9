#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)

int datum = 2;
int function(void) { return 2; }
static int *pointer = &datum;
int JOIN(PREFIX, sees_datum)(void) { return datum; }
int JOIN(PREFIX, sees_function)(void) { return function(); }
int JOIN(PREFIX, sees_pointer)(void) { return *pointer; }
