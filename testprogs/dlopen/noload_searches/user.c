int a(void);
int user(void)
{
    return a();
}
