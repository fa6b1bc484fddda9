# getent and id through NSS, ldd and ldconfig, getconf, locale.
getent passwd root; getent group 0; getent passwd nosuchuser; echo $?; getent hosts localhost; getent ahosts 127.0.0.1; getent services ssh
getent protocols tcp; id; id -nG daemon; getent ahosts nosuchhost.invalid; echo $?; su -s /bin/sh nobody -c id; getent initgroups root
for c in PAGESIZE ARG_MAX _NPROCESSORS_ONLN CLK_TCK GNU_LIBC_VERSION GNU_LIBPTHREAD_VERSION PATH; do getconf $c; done; getconf -a | grep -vE "CACHE|PHYS_PAGES"
locale -a; LC_ALL=C.UTF-8 locale charmap; LC_ALL=C.UTF-8 locale -k LC_TIME | head -n 3
ldd /bin/true >/dev/null; echo $?; ldconfig -p | wc -l; pldd $$ 2>/dev/null | tail -n +2 | wc -l
zdump -v UTC 2>/dev/null | head -n 1; tzselect </dev/null >/dev/null 2>&1; echo $?
