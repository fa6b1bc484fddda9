#if defined OF_B
int of_b(void) { return 2; }
#elif defined OF_C
int of_c(void) { return 3; }
#else
int of_b(void);
void hook(void);
static int real(void) { return 40; }
static int (*resolver(void))(void)
{
    hook();
    return real;
}
int by_resolver(void) __attribute__((ifunc("resolver")));
int user(void) { return by_resolver() + of_b(); }
#endif
