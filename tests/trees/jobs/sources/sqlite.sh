# A session of sqlite3: tables, indexes, transactions, full text, a file read by a second process, an extension by dlopen.
cat >job.sql <<'P'
create table t(i integer primary key, name text, value real);
with recursive n(i) as (select 1 union all select i + 1 from n where i < 20000) insert into t select i, 'name' || i, i * 0.5 from n;
create index by_name on t(name);
begin; delete from t where i % 3 = 0; rollback;
select count(*), sum(value), max(name) from t;
select name from t where name like 'name1234%' order by i;
create virtual table f using fts5(body);
insert into f values ('the quick brown fox'), ('jumps over the lazy dog');
select rowid from f where f match 'lazy';
select json_extract('{"a":[1,2]}', '$.a[1]'), round(exp(1), 3), hex(randomblob(0));
.load extension sqlite3_rot_init
select rot13('Hello');
P
sed -i "s,.load extension,.load $LIB/extension.so," job.sql
$RUN "$BIN/sqlite3" data.db <job.sql
$RUN "$BIN/sqlite3" data.db 'pragma integrity_check; select count(*) from t'
