// Built as the needed library and as those that are opened.
#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
__thread int JOIN(of_, WHO);
void JOIN(set_, WHO)(int value)
{
    JOIN(of_, WHO) = value;
}
#ifdef STOPS
void STOPS(void)
{
}
#endif
#ifdef BYTES
__thread char JOIN(bytes_of_, WHO)[BYTES];
#endif
