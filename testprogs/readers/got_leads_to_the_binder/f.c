long sum(long x, long y)
{
    return x + y;
}
