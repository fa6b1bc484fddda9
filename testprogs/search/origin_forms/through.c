int NEXT(void);
int NAME(void) { return NEXT(); }
