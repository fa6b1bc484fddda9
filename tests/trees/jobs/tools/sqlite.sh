# sqlite3: the shell, a loadable extension, recursion, full-text search.
sqlite3 --version | cut -d' ' -f1
sqlite3 a.db <<'Q'
pragma journal_mode = wal; create table t(a integer primary key, b text);
with recursive n(i) as (select 1 union all select i + 1 from n where i < 20000) insert into t select i, hex(i * i) from n;
begin; delete from t where a % 3 = 0; rollback; select count(*), sum(a), max(b) from t;
create virtual table f using fts5(x); insert into f values('hello world'), ('other words'); select x from f where f match 'hello';
select json_extract('{"a": [1, 2]}', '$.a[1]'), round(sqrt(2), 6); select load_extension('./nosuch');
Q
cat >e.c <<'P'
#include <sqlite3ext.h>
SQLITE_EXTENSION_INIT1
static void f(sqlite3_context *c, int n, sqlite3_value **v) { sqlite3_result_int(c, 3 * sqlite3_value_int(v[0])); }
int sqlite3_ext_init(sqlite3 *db, char **e, const sqlite3_api_routines *api) { SQLITE_EXTENSION_INIT2(api); return sqlite3_create_function(db, "thrice", 1, SQLITE_UTF8, 0, f, 0, 0); }
P
[ -e /usr/include/sqlite3ext.h ] && gcc -shared -fPIC e.c -o ext.so && sqlite3 a.db "select load_extension('./ext'); select thrice(14)"; sqlite3 a.db .dump | md5sum; sqlite3 a.db 'pragma integrity_check'
python3 -c '
import sqlite3, threading
db = sqlite3.connect("a.db"); print(sqlite3.sqlite_version, db.execute("select count(*) from t").fetchone())
def one(n): out[n] = sqlite3.connect("a.db").execute("select sum(a) from t where a % 7 = ?", (n,)).fetchone()[0]
out = {}; all = [threading.Thread(target=one, args=(n,)) for n in range(7)]; [t.start() for t in all]; [t.join() for t in all]; print(sorted(out.items()))'
