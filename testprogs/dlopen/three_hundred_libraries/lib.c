#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
void begins(int);
void ends(int);
__thread int JOIN(value, NUMBER) = NUMBER;
int value = NUMBER;
__attribute__((constructor)) static void begin(void)
{
    begins(NUMBER);
}
__attribute__((destructor)) static void end(void)
{
    ends(NUMBER);
}
