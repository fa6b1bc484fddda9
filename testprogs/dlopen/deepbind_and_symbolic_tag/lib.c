#define TEXT_(a) #a
#define TEXT(a) TEXT_(a)
const char *who(void)
{
    return TEXT(WHO);
}
const char *(*volatile pointer)(void) = who;
const char *BY_POINTER(void)
{
    return pointer();
}
const char *BY_CALL(void)
{
    return who();
}
