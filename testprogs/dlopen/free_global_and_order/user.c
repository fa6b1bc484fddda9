extern int b_value;
int user(void)
{
    return b_value;
}
