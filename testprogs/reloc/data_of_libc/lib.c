#include <stdio.h>
#include <unistd.h>
extern char **environ;
static char *own[] = {"GREETING=changed by a library", NULL};
int same_data(char ***e, int *o, FILE **s)
{
    return e == &environ && o == &optind && s == &stdout;
}
void change(void)
{
    environ = own;
}
