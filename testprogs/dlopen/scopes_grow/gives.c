#define TEXT_(a) #a
#define TEXT(a) TEXT_(a)
const char *GIVES(void)
{
    return TEXT(NAME);
}
const char *name(void)
{
    return TEXT(NAME);
}
