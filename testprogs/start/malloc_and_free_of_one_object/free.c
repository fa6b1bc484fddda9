// Counts, and keeps what it gets.
static int calls;

void free(void *memory)
{
    if (memory)
        calls++;
}
int frees(void)
{
    return calls;
}
