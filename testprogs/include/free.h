// What a program without a libc needs to say what it saw: raw system calls, output, and check().
// Nothing is exported: each object of a test can include it, and no loader can bind a call
// elsewhere. A claim that holds with and without a libc includes it in both builds.
#ifndef FREE_H
#define FREE_H

#if __STDC_HOSTED__
#include <string.h>
#include <sys/syscall.h>
#else
#include <asm/unistd.h>
#endif
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#define unused_ok __attribute__((unused))

static inline long syscall6(long n, long a, long b, long c, long d, long e, long f)
{
    long ret;
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    register long r9 __asm__("r9") = f;
    __asm__ volatile("syscall"
                     : "=a"(ret)
                     : "a"(n), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return ret;
}
#define syscall3(n, a, b, c) syscall6(n, (long)(a), (long)(b), (long)(c), 0, 0, 0)
#define syscall1(n, a) syscall6(n, (long)(a), 0, 0, 0, 0, 0)

__attribute__((noreturn, unused)) static void exit_group(int code)
{
    for (;;)
        syscall1(__NR_exit_group, code);
}

unused_ok static void *map_pages(size_t size)
{
    enum { READ_WRITE = 3, PRIVATE_ANONYMOUS = 0x22 };
    long p = syscall6(__NR_mmap, 0, (long)size, READ_WRITE, PRIVATE_ANONYMOUS, -1, 0);
    return p < 0 && p > -4096 ? NULL : (void *)p;
}

// A word of the thread control block: 0 the thread pointer, 8 the DTV, 0x28 the canary, 0x30 the
// pointer guard.
static inline uintptr_t fs_word(uintptr_t offset)
{
    uintptr_t word;
    __asm__ volatile("mov %%fs:(%1), %0" : "=r"(word) : "r"(offset));
    return word;
}

#if !__STDC_HOSTED__
// Compilers call these for structs and arrays even in freestanding code. Not static, because clang
// does not bind its own calls to a static function; hidden, so that no object exports them. `rep`
// keeps a compiler from turning the body into a call to itself.
#define compiler_calls __attribute__((weak, visibility("hidden")))
compiler_calls void *memcpy(void *to, const void *from, size_t n)
{
    void *ret = to;
    __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(n) : : "memory");
    return ret;
}
compiler_calls void *memset(void *to, int byte, size_t n)
{
    void *ret = to;
    __asm__ volatile("rep stosb" : "+D"(to), "+c"(n) : "a"(byte) : "memory");
    return ret;
}
#endif

unused_ok static size_t length(const char *s)
{
    size_t n = 0;
    while (s[n])
        n++;
    return n;
}
unused_ok static int same(const char *a, const char *b)
{
    while (*a && *a == *b)
        a++, b++;
    return *a == *b;
}

// One write a call, so that lines of several threads or processes do not mix.
// %s string, %d long, %x unsigned long in hex with 0x, %c character, %% percent.
unused_ok static void vprint(int fd, const char *format, va_list args)
{
    char line[1024];
    size_t n = 0;
    for (; *format && n < sizeof line - 32; format++) {
        if (*format != '%') {
            line[n++] = *format;
            continue;
        }
        switch (*++format) {
        case 's': {
            const char *s = va_arg(args, const char *);
            while (*s && n < sizeof line - 32)
                line[n++] = *s++;
            break;
        }
        case 'd':
        case 'x': {
            int base = *format == 'x' ? 16 : 10;
            long value = va_arg(args, long);
            unsigned long left = (unsigned long)value;
            char digits[24];
            int k = 0;
            if (base == 16)
                line[n++] = '0', line[n++] = 'x';
            else if (value < 0)
                line[n++] = '-', left = -left;
            do
                digits[k++] = "0123456789abcdef"[left % base];
            while (left /= base);
            while (k)
                line[n++] = digits[--k];
            break;
        }
        case 'c':
            line[n++] = (char)va_arg(args, int);
            break;
        default:
            line[n++] = *format;
        }
    }
    syscall3(__NR_write, fd, line, n);
}
unused_ok static void print_to(int fd, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vprint(fd, format, args);
    va_end(args);
}
#define print(...) print_to(1, __VA_ARGS__)

#define check(condition)                                                                     \
    do {                                                                                     \
        if (!(condition)) {                                                                  \
            print_to(2, "%s:%d: %s\n", __FILE__, (long)__LINE__, #condition);                \
            exit_group(1);                                                                   \
        }                                                                                    \
    } while (0)

// For integers and pointers: prints both sides.
#define check_eq(a, b)                                                                       \
    do {                                                                                     \
        unsigned long left_ = (unsigned long)(a), right_ = (unsigned long)(b);               \
        if (left_ != right_) {                                                               \
            print_to(2, "%s:%d: %s == %s: %x (%d) != %x (%d)\n", __FILE__, (long)__LINE__,   \
                     #a, #b, left_, left_, right_, right_);                                  \
            exit_group(1);                                                                   \
        }                                                                                    \
    } while (0)

#endif
