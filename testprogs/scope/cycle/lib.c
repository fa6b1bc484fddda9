int NEXT(int n);
int NAME(int n) { return n ? NEXT(n - 1) + 1 : 0; }
