static int answer = 1;
static int *pointer = &answer;
int decide(void) { return *pointer; }
