#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)

KIND int datum = VALUE;
KIND int function(void) { return VALUE; }
__attribute__((weak)) int lonely(void) { return VALUE; }
static int (*pointer)(void) = function;
int JOIN(PREFIX, sees)(void) { return function() == datum && pointer() == datum ? datum : 9; }
