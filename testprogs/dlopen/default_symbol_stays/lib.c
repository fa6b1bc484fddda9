int NAME(void)
{
    return 42;
}
