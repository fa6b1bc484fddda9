# A script in dash: pipes, subshells, traps, here-documents, arithmetic, functions, background jobs.
cat >job.dash <<'P'
f() { local x=$1; echo "f $x $((x * 7 % 5))"; }
f 4 | { read a b c; echo "$c $b $a"; }
(exit 3); echo "code $?"
trap 'echo leaving' EXIT
trap 'echo told' USR1
kill -USR1 $$
sleep 0 & wait $!; echo "waited $?"
for file in /usr/bin/ls /usr/bin/env; do test -x "$file" && echo "${file##*/}"; done
cat <<END | tr a-z A-Z
here $(seq 1 3 | while read n; do printf '%s.' "$n"; done)
END
case abc in a?c) echo match ;; esac
i=0; while [ $i -lt 200 ]; do i=$((i + 1)); x=$(echo $i); done; echo $x
set -- one two three; shift; echo "$# $*"; echo "${undefined:-default}" ; ulimit -n >/dev/null && echo limited
P
$RUN "$BIN/dash" job.dash
$RUN "$BIN/dash" -c 'read -r line; echo "<$line>"' <<'P'
a line
P
