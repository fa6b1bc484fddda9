#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
enum { a_ = 1, b_ };

VISIBILITY int datum = PREFIX;
VISIBILITY int function(void) { return PREFIX; }
int JOIN(PREFIX, sees_datum)(void) { return datum; }
int JOIN(PREFIX, sees_function)(void) { return function(); }
