// A library with TLS that calls the one below it.
int USES(void);
__thread int counter = 1;
int WHO(void)
{
    counter++;
    return USES() + 1;
}
