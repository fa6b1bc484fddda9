static int answer(void)
{
    return 42;
}
static int (*table[1])(void) = {answer};
static int (*resolve(void))(void)
{
    return table[0];
}
int chosen(void) __attribute__((ifunc("resolve")));
int calls(void)
{
    return chosen() + 1;
}
