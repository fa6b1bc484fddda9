int NAME(void)
{
    return VALUE;
}
