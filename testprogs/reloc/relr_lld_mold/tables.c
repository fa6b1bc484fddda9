// Returns the number of words that are wrong.
static int x[8];
static int *dense[1000] = {[0 ... 999] = &x[3]};
static struct sparse {
    int *p;
    long gap[5];
} sparse[300] = {[0 ... 299] = {&x[7], {1, 2, 3, 4, 5}}};

int CHECK(void)
{
    int wrong = 0;
    for (int i = 0; i < 1000; i++)
        wrong += dense[i] != &x[3];
    for (int i = 0; i < 300; i++) {
        wrong += sparse[i].p != &x[7];
        for (int k = 0; k < 5; k++)
            wrong += sparse[i].gap[k] != k + 1;
    }
    return wrong;
}
