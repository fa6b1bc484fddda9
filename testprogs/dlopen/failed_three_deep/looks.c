// Bound to two() if something of a failed dlopen stayed in the scope.
extern int two(void) __attribute__((weak));
__thread int of_looks = 3;
void *sees_two(void)
{
    return of_looks == 3 ? (void *)two : &of_looks;
}
