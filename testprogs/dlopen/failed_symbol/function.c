int nowhere(void);
int function(void)
{
    return nowhere();
}
