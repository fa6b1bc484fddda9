int first(void) { return VALUE; }
int second(void) { return VALUE; }
#ifdef OWN
int a_sees_first(void) { return first(); }
int a_sees_second(void) { return second(); }
#endif
