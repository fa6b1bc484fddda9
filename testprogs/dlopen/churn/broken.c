// Cannot be bound.
extern long nowhere;
__thread long broken;
long *use(void)
{
    return broken ? &nowhere : 0;
}
