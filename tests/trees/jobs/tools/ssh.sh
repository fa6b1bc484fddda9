# sshd and ssh over loopback: re-execution, privilege separation, PAM's modules, sftp and rsync through it.
set -u
mkdir -p /run/sshd d; for t in ed25519 rsa; do ssh-keygen -q -t $t -N '' -f h_$t; done; ssh-keygen -q -t ed25519 -N '' -f u; chmod 700 .; cp u.pub keys
printf 'Port 2222\nListenAddress 127.0.0.1\nHostKey %s/h_ed25519\nPidFile %s/pid\nAuthorizedKeysFile %s/keys\nStrictModes no\nUsePAM yes\nPermitRootLogin yes\nSubsystem sftp /usr/lib/openssh/sftp-server\n' "$PWD" "$PWD" "$PWD" >conf
/usr/sbin/sshd -f conf -E log; echo $?; for i in $(seq 100); do (: </dev/tcp/127.0.0.1/2222) 2>/dev/null && break; sleep 0.1; done
o="-p 2222 -i u -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -F none"; for c in chacha20-poly1305@openssh.com aes128-gcm@openssh.com aes256-ctr; do ssh $o -c $c root@127.0.0.1 'echo $0 $((6 * 7)); id -un; exit 3'; echo $?; done
seq 10000 >d/n; rsync -a -z -e "ssh $o" d/ root@127.0.0.1:/tmp/work/e/; echo $?; cmp d/n e/n && echo copied; printf 'ls /tmp/work/e\nget /tmp/work/e/n got\n' | sftp -q -P 2222 -i u -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -F none -b - root@127.0.0.1; cmp d/n got && echo got
ssh $o -o PreferredAuthentications=password -o BatchMode=yes root@127.0.0.1 true 2>&1; kill "$(cat pid)"; ssh-keygen -l -f u.pub | cut -d' ' -f 1,4; eval "$(ssh-agent)" >/dev/null; ssh-add -q u 2>/dev/null; ssh-add -l | wc -l; ssh-agent -k >/dev/null; for p in /lib/x86_64-linux-gnu/security/pam_*.so; do python3 -c "import ctypes, sys; ctypes.CDLL(sys.argv[1])" "$p" || echo "$p"; done
