// A nested function whose address is taken: code on the stack (gcc).
static int call(int (*function)(int), int value) { return function(value); }

int run(int value)
{
    volatile int more = 0;
    int nested(int other) { return other + more; }
    return call(nested, value);
}
