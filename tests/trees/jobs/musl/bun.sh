# bun, another JavaScript engine.
$RUN "$TOOLS/npm/node_modules/@oven/bun-linux-x64-musl/bin/bun" -e 'console.log(Bun.version, [1, 2, 3].map(x => x * 2), Bun.hash("a"))'
