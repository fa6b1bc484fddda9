extern int nothing;
int *datum(void)
{
    return &nothing;
}
