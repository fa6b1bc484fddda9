extern int shared;
int *address(void)
{
    return &shared;
}
