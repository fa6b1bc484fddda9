extern __thread int absent __attribute__((weak));
int *address(void)
{
    return &absent;
}
