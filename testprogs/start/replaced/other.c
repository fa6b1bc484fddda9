// Has the file's name later; never to be seen.
#include <stdio.h>
int main(void) { puts("the other"); }
