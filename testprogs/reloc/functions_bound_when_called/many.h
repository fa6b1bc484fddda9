struct registers {
    unsigned char vector[16][32];
    unsigned long word[8]; // rdi, rsi, rdx, rcx, r8, r9, rax, none
    unsigned avx, zero;
};

void take(void), take_chosen(void), forget(void);
const struct registers *seen(void);
int asked(void), in_a_handler(int);

#define EIGHT(X, n) X(n##0) X(n##1) X(n##2) X(n##3) X(n##4) X(n##5) X(n##6) X(n##7)
#define FUNCTIONS(X)                                                                                                  \
    EIGHT(X, a) EIGHT(X, b) EIGHT(X, c) EIGHT(X, d) EIGHT(X, e) EIGHT(X, f) EIGHT(X, g) EIGHT(X, h) EIGHT(X, i)       \
    EIGHT(X, j) EIGHT(X, k) EIGHT(X, l)
#define COUNT 96
#define DECLARE(n) int n(int); static int call_##n(int);
#define CALLER(n) static int call_##n(int i) { return n(i) + i; }
#define CALLER_NAME(n) call_##n,
#define DEFINE(n) int n(int i) { return i; }
