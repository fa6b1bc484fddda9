int datum = 1;
int other = 1;
