#define TEXT_(a) #a
#define TEXT(a) TEXT_(a)

extern char order[];
extern int at;

__attribute__((constructor)) static void begin(void)
{
    order[at++] = TEXT(NAME)[0];
    order[at++] = ' ';
}

#define SAY(number)                                                                                                    \
    const char *has##number(void)                                                                                      \
    {                                                                                                                  \
        return TEXT(NAME);                                                                                             \
    }
#if HAS & 1
SAY(1)
#endif
#if HAS & 2
SAY(2)
#endif
#if HAS & 4
SAY(4)
#endif
#if HAS & 8
SAY(8)
#endif
#if HAS & 16
SAY(16)
#endif
#if HAS & 32
SAY(32)
#endif
