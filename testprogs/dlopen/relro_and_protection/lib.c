int data = 1;
int function(void)
{
    return 1;
}
int (*const table[])(void) = {function};
