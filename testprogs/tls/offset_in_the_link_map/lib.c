// One thread-local variable, so that it lies where the block begins.
#define JOIN(a, b) a##b
#define OF(name) JOIN(block_of_, name)
static __thread _Alignas(ALIGN) char block[ALIGN];

void *OF(NAME)(void)
{
    return block;
}
