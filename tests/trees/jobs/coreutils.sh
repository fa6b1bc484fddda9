# Coreutils that read, write, sort, sum and look around.
set -u
seq 1 5000 >n; wc n; sort -R --random-source=/bin/bash n | sort -n | cmp - n && echo sorted
sort -n --parallel=4 -S 1M n | tail -n 1
md5sum n; sha256sum n; sha512sum n; b2sum n; cksum n
split -n 4 n part.; cat part.* | cmp - n && echo split
cp -a n m; ln -s n link; ln n hard; stat -c '%s %h %F' n link hard m
mkdir -p a/b/c; mv m a/b; du -a --apparent-size a | sort -k 2; rm -r a; ls
printf '%s\n' 3 1 2 | tac | tee copy | nl; cut -d: -f1,7 /etc/passwd | head -n 3
join <(printf '1 a\n2 b\n') <(printf '1 x\n2 y\n'); comm -12 n <(seq 1 3 | sort) | wc -l
date -u -d @1000000000 +%FT%T; TZ=UTC date -d '2001-02-03 +1 month' +%F; expr 6 \* 7; factor 123456789
od -An -tx1 -N8 n; base64 n | tail -n 1; printf 'a\tb\n' | expand | cat -A; echo äöü | wc -m
numfmt --to=iec 123456789; dd if=/dev/zero bs=1000 count=5 2>/dev/null | wc -c; truncate -s 1G sparse; stat -c %s sparse
env -i A=1 env; nice -n 5 nice; id -un; basename /a/b.c .c; dirname /a/b; realpath link; test -x /bin/sh; echo $?
nproc >/dev/null && echo nproc; uname -s; stty size 2>/dev/null; echo $?; timeout 1 tail -f n | head -n 1; shuf -i 1-10 | wc -l
LC_ALL=C.UTF-8 ls -l --time-style=+ n | wc -l; mktemp -u XXXX | wc -c; tsort <<<'a b b c' | paste -sd' '; fold -w 10 <<<abcdefghijklmno
