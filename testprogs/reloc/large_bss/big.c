static unsigned char data[5003] = {[0 ... 5002] = 0xaa};
static unsigned long zero[5 << 20];

int CHECK(void)
{
    int wrong = 0;
    for (int i = 0; i < 5003; i++)
        wrong += data[i] != 0xaa;
    for (int i = 0; i < 5 << 20; i++)
        wrong += zero[i] != 0;
    zero[0] = zero[(5 << 20) - 1] = 1;
    return wrong;
}
