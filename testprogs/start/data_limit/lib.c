static __thread int mine = 1;

void *place(void)
{
    return &mine;
}
