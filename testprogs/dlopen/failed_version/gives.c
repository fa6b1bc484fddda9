int g(void)
{
    return 3;
}
