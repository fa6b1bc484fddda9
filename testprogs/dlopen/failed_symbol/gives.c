int nothing = 5;
int nowhere(void)
{
    return 4;
}
