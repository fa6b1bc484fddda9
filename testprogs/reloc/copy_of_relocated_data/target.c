int other = 2;
int function(void) { return 3; }
