# node: worker threads that share memory, wasm, compression and hashing in its thread pool, a child, a server on loopback.
cat >job.js <<'P'
const { Worker, isMainThread, parentPort, workerData } = require('worker_threads');
const { execFileSync, fork } = require('child_process');
const crypto = require('crypto'), http = require('http'), zlib = require('zlib'), util = require('util');
async function main() {
    const shared = new SharedArrayBuffer(4), counter = new Int32Array(shared);
    const answers = await Promise.all([...Array(8).keys()].map(n => new Promise((done, failed) => {
        const worker = new Worker(__filename, { workerData: { n, shared } });
        worker.on('message', done); worker.on('error', failed);
    })));
    console.log(answers.join(' '), Atomics.load(counter, 0));
    const doomed = new Worker('throw new Error("thrown in a worker")', { eval: true });
    console.log(await new Promise(done => doomed.on('error', e => done(e.message))));
    const endless = new Worker('for (;;) ;', { eval: true });
    console.log('terminated', await new Promise(done => endless.on('online', () => done(endless.terminate()))));
    const keys = await Promise.all([...Array(16).keys()].map(n => util.promisify(crypto.scrypt)('p', 's' + n, 32)));
    console.log(crypto.createHash('sha256').update(Buffer.concat(keys)).digest('hex'));
    const packed = await util.promisify(zlib.brotliCompress)(Buffer.alloc(100000, 'abc'));
    console.log((await util.promisify(zlib.brotliDecompress)(packed)).length);
    const { publicKey, privateKey } = crypto.generateKeyPairSync('ed25519');
    console.log(crypto.verify(null, Buffer.from('x'), publicKey, crypto.sign(null, Buffer.from('x'), privateKey)));
    const wasm = new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 7, 1, 96, 2, 127, 127, 1, 127, 3, 2, 1, 0,
        7, 7, 1, 3, 97, 100, 100, 0, 0, 10, 9, 1, 7, 0, 32, 0, 32, 1, 106, 11]));
    console.log(new WebAssembly.Instance(wasm).exports.add(20, 22));
    console.log(execFileSync(process.execPath, ['-p', '6 * 7']).toString().trim(), process.execPath);
    const server = http.createServer((request, answer) => answer.end('served ' + request.url)).listen(0, '127.0.0.1', () =>
        http.get({ host: '127.0.0.1', port: server.address().port, path: '/page' }, answer => answer.on('data', d => console.log(d.toString())).on('end', () => server.close())));
    console.log(new Intl.DateTimeFormat('de', { dateStyle: 'full', timeZone: 'UTC' }).format(0), Object.keys(process.versions).join(' '));
}
if (isMainThread) main(); else {
    const { n, shared } = workerData, counter = new Int32Array(shared);
    let sum = 0;
    for (let i = 0; i < 2000000; i++) { sum = (sum * 31 + i * n) % 1000003; if (i % 1000 === 0) Atomics.add(counter, 0, 1); }
    parentPort.postMessage(`${n}:${sum}`);
}
P
node --version; node job.js; echo $?
node -e 'process.dlopen({exports: {}}, "/lib/x86_64-linux-gnu/libm.so.6")' 2>&1 | grep -m 1 Error; node -e 'null.x' 2>&1 | grep -m 1 TypeError
node -e 'process.report.excludeNetwork = true; console.log(process.report.getReport().sharedObjects.map(n => n.split("/").pop()).filter(n => !/^ld-/.test(n)).sort().join(" "))'
