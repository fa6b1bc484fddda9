// The dependency three deep, in several makings.
#ifndef ALIGN
#define ALIGN 8
#endif
__thread int leafs __attribute__((aligned(ALIGN))) = 1;
int other(void)
{
    return ++leafs;
}
#ifdef HAS
int leaf(void)
{
    leafs = 1;
    return other();
}
#endif
