import sys
sys.path.pop(0)
import duckdb
print(duckdb.sql("select sum(i), avg(i), count(distinct i % 7) from range(100000) t(i)").fetchall())
try:
    duckdb.sql("select no_such")
except duckdb.Error as error:
    print(type(error).__name__)
