extern __thread long own, needed_data;
long *own_address(void)
{
    return &own;
}
long *needed(void)
{
    return &needed_data;
}
