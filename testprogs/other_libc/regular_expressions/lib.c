#include <regex.h>
#include <stdio.h>
#include <string.h>

int run(void)
{
    regex_t expression;
    regmatch_t found[40];
    memset(found, 0x55, sizeof found);
    if (regcomp(&expression, "(a)(b+)(c)", REG_EXTENDED))
        return 1;
    printf("%zu groups\n", expression.re_nsub);
    int answer = regexec(&expression, "xxabbbcx", 5, found, 0);
    printf("match %d: %d-%d %d-%d %d-%d %d-%d %d\n", answer, (int)found[0].rm_so, (int)found[0].rm_eo, (int)found[1].rm_so,
           (int)found[1].rm_eo, (int)found[2].rm_so, (int)found[2].rm_eo, (int)found[3].rm_so, (int)found[3].rm_eo,
           (int)found[4].rm_so);
    printf("no match: %d\n", regexec(&expression, "xyz", 0, 0, 0));
    regexec(&expression, "abc", 40, found, 0);
    printf("many: %d-%d %d\n", (int)found[0].rm_so, (int)found[0].rm_eo, (int)found[39].rm_so);
    regfree(&expression);
    char text[64];
    int bad = regcomp(&expression, "(a", REG_EXTENDED);
    regerror(bad, &expression, text, sizeof text);
    /* musl and glibc have their own words. */
    printf("bad: %d %s\n", bad, strlen(text) > 3 ? "Missing parenthesis" : "no text");
    memset(found, 7, sizeof found);
    regcomp(&expression, "a", REG_EXTENDED | REG_NOSUB);
    answer = regexec(&expression, "a", 2, found, 0);
    printf("not told: %d %d\n", answer, *(char *)found);
    regfree(&expression);
    return 0;
}
