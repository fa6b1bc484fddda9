#ifdef BSS
char bss[BSS];
#endif
int value(void)
{
    return VALUE;
}
