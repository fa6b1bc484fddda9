int value(void)
{
    return VALUE;
}
#ifdef X
int x_value(void)
{
    return VALUE;
}
#endif
