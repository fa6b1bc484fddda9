int nowhere(void);
int works(int call)
{
    return call ? nowhere() : 3;
}
