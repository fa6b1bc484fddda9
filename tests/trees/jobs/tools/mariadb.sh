# mariadbd: 90 thousand relocations, plugins opened at run time, many threads; transactions and a clean end.
set -u
chown mysql .; chmod 755 /tmp/work
mariadb-install-db --user=mysql --datadir="$PWD/data" --auth-root-authentication-method=normal --skip-test-db >log 2>&1; echo $?
mariadbd --user=mysql --datadir="$PWD/data" --socket="$PWD/s" --skip-networking --open-files-limit=1000 --plugin-load-add=auth_socket --plugin-dir=/usr/lib/mysql/plugin --pid-file="$PWD/p" --log-error="$PWD/err.log" 2>/dev/null & server=$!
for i in $(seq 200); do mariadb-admin -S s ping >/dev/null 2>&1 && break; sleep 0.1; done
m() { mariadb -S s -uroot -N -B -f "$@" 2>&1; }
m -e "create database d; use d; create table t(a int primary key, b varchar(40)) engine=innodb; insert into t select seq, md5(seq) from seq_1_to_5000; start transaction; delete from t; rollback; select count(*), sum(a), max(b) from t;"
m -e "install soname 'ha_blackhole'; show engines; install soname 'nosuch'" | sort; m d -e "create table h(a int) engine=blackhole; insert into h values(1); select count(*) from h; select json_value('{\"a\": 1}', '$.a'), regexp_replace('a1', '[0-9]', '#')"
for i in 1 2 3 4; do m d -e "update t set b = concat(b, 'x') where a % 4 = $i - 1; select row_count()" & pids="${pids:-} $!"; done | sort; m d -e 'select sum(length(b)) from t'; mariadb-dump -S s --skip-dump-date d t | md5sum
mariadb-admin -S s -uroot shutdown; wait $server; echo "exit $?"; grep -ciE 'signal|assert|corrupt' err.log; mariadbd --version | tr -s ' ' | cut -d' ' -f 3
