// A malloc of its own: room is never given back.
#include <stdatomic.h>
#include <stddef.h>
#include <unistd.h>

static _Alignas(16) char room[1 << 20];
static _Atomic size_t used;
static _Atomic int first;

void *malloc(size_t size)
{
    int none = 0;
    atomic_compare_exchange_strong(&first, &none, gettid());
    size_t at = atomic_fetch_add(&used, (size + 15) & ~(size_t)15);
    return at + size <= sizeof room ? room + at : NULL;
}
void *calloc(size_t count, size_t size)
{
    return malloc(count * size);
}
void free(void *memory)
{
    (void)memory;
}
int first_caller(void)
{
    return first;
}
