# lua with strings, coroutines, errors, and a module in C by dlopen.
cat >job.lua <<'P'
package.cpath = os.getenv('LIB') .. '/?.so'
local count = require('counter')
for i = 1, 3 do io.write(count(function(n) return n * 10 end), ' ') end
print(pcall(count, function() error('from inside', 0) end))
local step = coroutine.wrap(function() for i = 1, 3 do coroutine.yield(i) end end)
print(step(), step(), step(), string.format('%5.2f|%q', math.pi, 'a\n'), ('x'):rep(3, ','))
local all = {}
for word in ('the quick brown fox'):gmatch('%a+') do all[#all + 1] = word end
table.sort(all)
print(table.concat(all, ' '), os.time({ year = 2020, month = 1, day = 1, hour = 0 }) > 0)
print(require, pcall(require, 'no_such') == false, io.popen('echo a child'):read())
P
$RUN "$BIN/lua" job.lua | sed 's/0x[0-9a-f]*/0x/'
