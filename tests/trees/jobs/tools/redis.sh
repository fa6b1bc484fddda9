# redis-server (jemalloc, threads, Lua, fork to save): transactions, scripts, a save, a restart.
set -u
start() { redis-server --port 0 --unixsocket "$PWD/s" --dir . --save '' --daemonize no --io-threads 4 --logfile log & server=$!
    for i in $(seq 100); do redis-cli -s s ping >/dev/null 2>&1 && break; sleep 0.1; done; }
r() { redis-cli -s s "$@"; }
start; printf 'MULTI\nSET a 1\nINCRBY a 41\nGET a\nEXEC\n' | r; for i in $(seq 300); do echo "SET k$i v$i"; done | r --pipe 2>&1 | tail -n 1; r dbsize
r eval 'local s = 0; for i = 1, 1000 do s = s + i end; redis.call("SET", "sum", s); return {s, cjson.encode({a = 1}), redis.sha1hex("abc")}' 0
r zadd z 3 c 1 a 2 b; r zrange z 0 -1 withscores; r geoadd g 13.361389 38.115556 Palermo 15.087269 37.502669 Catania; r geodist g Palermo Catania km; r pfadd h a b c a; r pfcount h
r bgsave; for i in $(seq 100); do [ "$(r info persistence | tr -d '\r' | grep -c rdb_bgsave_in_progress:0)" = 1 ] && break; sleep 0.1; done; r lastsave | wc -l; r info memory | grep mem_allocator
r config set appendonly yes; r bgrewriteaof; for i in $(seq 100); do [ "$(r info persistence | tr -d '\r' | grep -cE 'aof_rewrite_(in_progress|scheduled):0')" = 2 ] && break; sleep 0.1; done; r object encoding sum; r module load /nonexistent.so; r debug jmap 2>&1 | head -n 1; r shutdown save; wait $server; echo "exit $?"
redis-check-rdb dump.rdb | tail -n 1 | sed 's/[0-9.]*//g'; start; r get sum; r dbsize; (r subscribe c & sleep 0.5; r publish c message; sleep 0.3; kill $!) 2>/dev/null | head -n 6; r shutdown nosave; wait $server; echo "exit $?"
redis-benchmark --version | cut -d' ' -f1; grep -ciE 'crash|bug report' log || true
