int own;
int *pointer = &own;
