static int target = 5;
int exported = 6;
int *a_target(void) { return &target; }

__thread int *to_static = &target;
__thread int *to_exported = &exported;
__thread int *(*to_function)(void) = a_target;

int **a_to_static(void) { return &to_static; }
int **a_to_exported(void) { return &to_exported; }
int *(**a_to_function(void))(void) { return &to_function; }
