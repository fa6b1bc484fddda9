#define _GNU_SOURCE
#include <locale.h>
#include <stdio.h>

locale_t __newlocale(int, const char *, locale_t);

int run(void)
{
    locale_t first = newlocale(LC_ALL_MASK, "C", 0);
    locale_t second = __newlocale(LC_CTYPE_MASK | LC_NUMERIC_MASK, "C", 0);
    locale_t copy = first ? duplocale(first) : 0;
    locale_t old = uselocale(copy);
    uselocale(old);
    printf("%s, %s, %s\n", first ? "made" : "failed", second ? "made" : "failed", copy ? "a copy" : "no copy");
    return 0;
}
