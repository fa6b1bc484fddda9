//@ about: iconv of character sets that are gconv modules, which libc opens and closes itself.
//@ libc: glibc
//@ build: prog = main.c
//@ stdout: ok

#include "../parts/dl.h"
#include <iconv.h>

static void converts(const char *set, const char *bytes, size_t size)
{
    char in[] = "\xc3\xa4", out[16] = {0};
    char *from = in, *to = out;
    size_t left = 2, room = sizeof out;
    iconv_t state = iconv_open(set, "UTF-8");
    check(state != (iconv_t)-1);
    check_eq(iconv(state, &from, &left, &to, &room), 0);
    check_eq(sizeof out - room, size);
    check_eq(memcmp(out, bytes, size), 0);
    check_eq(iconv_close(state), 0);
}

int main(void)
{
    for (int i = 0; i < 3; i++) {
        converts("ISO-8859-15", "\xe4", 1);
        converts("CP437", "\x84", 1);
        converts("UTF-16LE", "\xe4\0", 2);
        converts("GB18030", "\x81\x30\x8a\x31", 4);
    }
    check((long)iconv_open("NO-SUCH-SET", "UTF-8") == -1);
    say("ok\n");
}
