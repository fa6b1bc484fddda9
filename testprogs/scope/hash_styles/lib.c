#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
enum { s = 0, g = 10, b = 20 };

int JOIN(P, _zero)(void) { return P; }
int JOIN(P, _one)(void) { return P + 1; }
int JOIN(P, _two)(void) { return P + 2; }
int JOIN(P, _three)(void) { return P + 3; }
