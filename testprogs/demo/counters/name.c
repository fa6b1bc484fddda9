static const char *const names[] = {"initial", "a", "b", "c", "d"};
static __thread const char *name;

const char *name_of(long thread)
{
    if (thread >= 0)
        name = names[thread];
    return name;
}
