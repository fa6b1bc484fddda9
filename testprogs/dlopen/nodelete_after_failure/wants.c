extern int nobody_has_it;
int wants(void)
{
    return nobody_has_it;
}
