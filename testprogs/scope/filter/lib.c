#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)

int value(void)
{
    return VALUE;
}
int JOIN(NAME, _sees)(void)
{
    return value();
}
int JOIN(NAME, _alone)(void)
{
    return VALUE;
}
