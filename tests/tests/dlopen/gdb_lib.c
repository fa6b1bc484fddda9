// Built once as the needed library, once as the opened one.
#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
__thread int JOIN(of_, WHO);
void JOIN(set_, WHO)(int value)
{
    JOIN(of_, WHO) = value;
}
#ifdef STOPS
void stop_here(void)
{
}
#endif
