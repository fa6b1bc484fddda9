#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
typedef int function(void);
int chosen(void);
static function *table[] = {chosen};
function *JOIN(P, address)(void) { return chosen; }
function *JOIN(P, table)(void) { return table[0]; }
