// Data, constants, zeroes of several pages and code: a piece of each kind.
static int thousand[1] = {1000};
static char zeroes[20000];
int NAME(int x) { return x + thousand[0] + zeroes[x * 1000]; }
