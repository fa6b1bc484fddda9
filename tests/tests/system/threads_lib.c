/* The library of threads.c: one variable for everybody, one for itself. */
__thread int shared = 55;
static __thread int mine = 7;

int *library_static(void)
{
    return &mine;
}

int library_add(int n)
{
    shared += n;
    mine -= n;
    return shared;
}
