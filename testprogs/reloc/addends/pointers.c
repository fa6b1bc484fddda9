extern int array[10];
int *forward = array + 7, *backward = array - 3, *plain = array;
