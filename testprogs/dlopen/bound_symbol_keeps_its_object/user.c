int g(void);
int uses(void)
{
    return g();
}
