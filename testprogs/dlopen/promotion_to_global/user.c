int a(void);
int b(void);
int user(void)
{
    return a() + b();
}
