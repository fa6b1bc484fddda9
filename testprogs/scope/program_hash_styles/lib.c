int back(void);
int a(void) { return back(); }
