__thread long counter = 123;

long count_to(long times)
{
    for (long i = 0; i < times; i++)
        counter++;
    return counter;
}
