extern __thread long a_data;
long *user_address(void)
{
    return &a_data;
}
