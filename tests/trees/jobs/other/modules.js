// Each module alone, then lightningcss in four workers that end.
const { Worker } = require('worker_threads'), fs = require('fs'), path = require('path');
const libc = path.basename(process.env.TREE), folder = path.join(process.env.TREE, 'npm/node_modules');
const load = name => {
    const home = path.join(folder, name.replace('LIBC', libc));
    return require(path.join(home, fs.readdirSync(home).find(file => file.endsWith('.node'))));
};
const jobs = {
    rollup: () => { const m = load('@rollup/rollup-linux-x64-LIBC'); return [m.parse('const a = 1; export default a + 2', false, false).length, m.xxhashBase16(Buffer.from('a'))]; },
    swc: () => load('@swc/core-linux-x64-LIBC').transformSync('const a: number = 1; export default () => a', false, Buffer.from(JSON.stringify({ jsc: { parser: { syntax: 'typescript' }, target: 'es5' }, module: { type: 'commonjs' } }))).code,
    oxc: () => load('@oxc-parser/binding-linux-x64-LIBC').parseSync('a.js', 'let a = 1 + 2').program.length,
    argon2: () => { const m = load('@node-rs/argon2-linux-x64-LIBC'); return m.verifySync(m.hashSync('word'), 'word'); },
    canvas: () => Object.keys(load('@napi-rs/canvas-linux-x64-LIBC')).sort().join(),
    resvg: () => { const m = load('@resvg/resvg-js-linux-x64-LIBC'); return new m.Resvg('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="5" height="5" fill="red"/></svg>', '{}').render().asPng().toString('base64'); },
    libsql: () => Object.keys(load('@libsql/linux-x64-LIBC')).sort().join(),
    polars: () => { const m = load('nodejs-polars-linux-x64-LIBC'); return [Object.keys(m).length, m.version()]; },
    lightningcss: () => load('lightningcss-linux-x64-LIBC').transform({ filename: 'a.css', code: Buffer.from('a { color: #ff0000; margin: 0px }'), minify: true }).code.toString(),
    oxide: () => new (load('@tailwindcss/oxide-linux-x64-LIBC').Scanner)({ sources: [] }).scanFiles([{ content: '<div class="p-4 flex">', extension: 'html' }]).sort().join(),
};
if (process.argv[2]) {
    console.log(process.argv[2], jobs[process.argv[2]]());
} else {
    for (const job of Object.keys(jobs)) {
        console.log(job, jobs[job]());
    }
    let ended = 0;
    for (let number = 0; number < 4; number++) {
        new Worker(__filename, { argv: ['lightningcss'] }).on('exit', code => { ended += 1; if (ended === 4) console.log('workers ended', code); });
    }
}
