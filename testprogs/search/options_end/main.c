//@ about: `--` ends the options, and an option may carry its value behind `=`
//@ rule: --: Ends the options.
//@ libc: none,musl
//@ build: prog = main.c
//@ loader: --argv0=another --library-path={dir} --
//@ run: --argv0 -- x
//@ stdout: 4 another --argv0 -- x
//@ oracle: differs: glibc knows neither
//@ musl oracle: yes

#include "start.h"

int main(int argc, char **argv, char **envp)
{
    print("%d %s %s %s %s\n", (long)argc, argv[0], argv[1], argv[2], argv[3]);
    check(!argv[4]);
    exit_group(0);
}
