# bash: pipes, subshells, traps, jobs, here documents, process substitution, arithmetic, limits.
set -u
trap 'echo "leaving with $?"' EXIT
trap 'echo got USR1' USR1
kill -USR1 $$
seq 1 20000 | sort -rn | head -n 3 | paste -sd,
x=$(echo one; (echo two; exit 3); echo $?)
echo "$x"
diff <(printf '%s\n' a b) <(printf '%s\n' a c)
cat <<END | tr a-z A-Z
here $((6 * 7)) ${BASH_VERSINFO[0]}
END
for i in 1 2 3 4 5; do (sleep 0.0$i; exit "$i") & pids[i]=$!; done
for i in 1 2 3 4 5; do wait "${pids[i]}"; echo "child $i: $?"; done
(trap 'echo term; exit 9' TERM; kill -TERM $BASHPID; echo not reached)
echo "subshell: $?"
false | true | false; echo "${PIPESTATUS[*]}"
yes | head -n 1
timeout 0.2 sleep 5; echo "timeout: $?"
(kill -SEGV $BASHPID) 2>/dev/null; echo "signal: $?"
coproc { read -r line; echo "coprocess $line"; }
echo hello >&"${COPROC[1]}"; read -r reply <&"${COPROC[0]}"; echo "$reply"
export A=1; bash -c 'echo $A $0 $1' name arg
exec 7>file; echo text >&7; exec 7>&-; cat file
printf '%q %5.2f %x\n' "a b" 3.14159 255
LC_ALL=C.UTF-8 bash -c 's=äöü; echo ${#s}'
echo 'main() { return 4; }; main' >script; bash script; echo $?
nosuchcommand 2>/dev/null; echo $?
i=0; while ((i++ < 300)); do /bin/true || echo failed; done; echo "$i"
