int hook(void);
static int status = -1;
static int real(void) { return status; }
static int (*resolver(void))(void)
{
    status = hook();
    return real;
}
int by_resolver(void) __attribute__((ifunc("resolver")));
int user(void) { return by_resolver(); }
