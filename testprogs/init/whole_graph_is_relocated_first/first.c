int through_pointer(void);

// Initialised before libz.so, which it uses without needing it.
__attribute__((constructor)) static void start(void)
{
    through_pointer();
}
