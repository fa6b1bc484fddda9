# postgresql as its own user: initdb, a server that opens plpgsql, pg_trgm, hstore and the LLVM of its JIT, dump and restore.
set -u
pg=$(echo /usr/lib/postgresql/*/bin); chown postgres . ; chmod 755 /tmp/work
cat >run <<'S'
PATH=$1:$PATH; cd /tmp/work; export PGDATA=$PWD/data PGHOST=$PWD PGDATABASE=postgres LC_ALL=C.UTF-8
initdb -A trust --no-sync >log 2>&1; echo "initdb $?"
printf "listen_addresses = ''\nunix_socket_directories = '/tmp/work'\nfsync = off\nshared_preload_libraries = 'pg_stat_statements,auto_explain'\njit_above_cost = 0\njit_inline_above_cost = 0\njit_optimize_above_cost = 0\n" >>data/postgresql.conf
pg_ctl -w -l server.log start >/dev/null; echo "start $?"
psql -qAtX -v ON_ERROR_STOP=0 2>&1 <<'Q'
select split_part(version(), ' ', 1); show jit; select pg_jit_available();
create extension pg_trgm; create extension hstore; create extension pg_stat_statements; create extension pgcrypto; create extension "uuid-ossp"; create extension citext; create extension dblink; create extension xml2; create extension fuzzystrmatch; create extension unaccent; create extension sslinfo;
begin; create table t(a int primary key, b text); insert into t select n, md5(n::text) from generate_series(1, 20000) n; savepoint s; delete from t; rollback to s; commit;
select count(*), sum(a), max(b) from t; create index on t using gin (b gin_trgm_ops); select a from t where b like '%abcde%' order by a; select similarity('postgres', 'postgresql');
select 'a=>1, b=>2'::hstore -> 'b', hstore(row(1, 2)); select encode(digest('abc', 'sha256'), 'hex'), crypt('a', '$2a$04$abcdefghijklmnopqrstuu'); select uuid_generate_v5(uuid_ns_dns(), 'a'); select levenshtein('kitten', 'sitting'), unaccent('äöü');
create function f(n int) returns int language plpgsql as $$ begin if n > 50 then raise exception 'deep %', n; end if; return f(n + 1); exception when raise_exception then if n = 0 then return length(sqlerrm); end if; raise; end $$; select f(0);
explain (analyze, costs off, timing off, summary off) select sum(a + 1) from t where a % 3 = 0; select sum(a + 1), avg(length(b)) from t where a % 3 = 0; set jit = off; select sum(a + 1), avg(length(b)) from t where a % 3 = 0;
set max_parallel_workers_per_gather = 2; set parallel_setup_cost = 0; set parallel_tuple_cost = 0; set min_parallel_table_scan_size = 0; select sum(a), count(*) from t; load 'nosuch'; create extension nosuch; select 1 / 0; select xml_is_well_formed('<a/>'), xpath_string('<a>b</a>', '/a'); select * from dblink('host=/tmp/work', 'select 42') as x(n int); select count(*) > 10 from pg_stat_statements;
select to_tsvector('english', 'running dogs') @@ to_tsquery('dog'); select 'b' collate "de-x-icu" < 'ä' collate "de-x-icu"; select convert_to('日本', 'EUC_JP');
Q
pg_dump -t t --inserts | grep -vE '^(--|.(un)?restrict )' | md5sum; createdb other; pg_dump -Fc postgres | pg_restore -d other 2>&1 | head -n 5; psql -qAtX -d other -c 'select count(*), sum(a) from t'
pgbench -i -q -s 1 other >/dev/null 2>&1; pgbench -n -c 4 -j 2 -t 50 other 2>&1 | grep -E 'processed|failed'; vacuumdb -q other; echo $?
pg_ctl -w -m fast stop >/dev/null; echo "stop $?"; pg_controldata | grep state; grep -E 'PANIC|terminated|shut down$' server.log | sed 's/^.*UTC \[[0-9]*\] //'
S
setpriv --reuid postgres --regid postgres --init-groups bash run "$pg"; for p in "$pg"/*; do "$p" --version; done | sort -u
