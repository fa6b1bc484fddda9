int function(void)
{
    return 7;
}
int data_too(void)
{
    return 8;
}
void *address_of(void)
{
    return (void *)function;
}
