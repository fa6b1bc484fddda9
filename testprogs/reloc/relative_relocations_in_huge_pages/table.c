// 6 MiB of constants and as many of data: every eighth word is the address of `cell`, the others are numbers.
#define TABLE(section, name)                                                                                           \
    __asm__(".pushsection " section ",\"aw\"\n.balign 8\n" name ":\n.rept 98304\n.quad cell\n.quad 1, 2, 3, 4, 5, 6, 7\n.endr\n"  \
            ".popsection");
TABLE(".data.rel.ro", "fixed")
TABLE(".data", "data")
__attribute__((visibility("hidden"))) int cell = 0x77;
extern __attribute__((visibility("hidden"))) long fixed[], data[];

long *CONSTANTS(void)
{
    return fixed;
}

// The number of words that are wrong.
long WRONG(void)
{
    long wrong = 0;
    for (long i = 0; i < 98304; i++) {
        wrong += fixed[8 * i] != (long)&cell || data[8 * i] != (long)&cell;
        for (long k = 1; k < 8; k++)
            wrong += fixed[8 * i + k] != k || data[8 * i + k] != k;
    }
    for (long i = 0; i < 98304; i++)
        data[8 * i + 1] = i;
    return wrong;
}
