int f1(void)
{
    return 1;
}
int f2(void)
{
    return 2;
}
int g(void)
{
    return 3;
}
__asm__(".symver f1, f@V1");
__asm__(".symver f2, f@@V2");
