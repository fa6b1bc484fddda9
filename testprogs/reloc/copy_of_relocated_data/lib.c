static int own = 1;
extern int other;
int function(void);

const struct {
    int *own, *other;
    int (*function)(void);
} pointers = {&own, &other, function};
