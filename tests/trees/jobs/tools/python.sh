# python3: every extension of the standard library; numpy, scipy and cryptography from PyPI, with threads and processes.
export PYTHONPATH=/opt/pypi OPENBLAS_NUM_THREADS=4
cat >job.py <<'P'
import concurrent.futures, ctypes, hashlib, importlib, multiprocessing, os, sys, sysconfig, threading
def say(*a): print(*a, flush=True)
def digest(array): return hashlib.sha256(array.tobytes()).hexdigest()[:16]
def child(n):
    import numpy
    return float(numpy.linalg.det(numpy.arange(n * n).reshape(n, n) + numpy.eye(n) * 7))
def main():
    folder = sysconfig.get_path("platstdlib") + "/lib-dynload"; names = sorted(f.split(".")[0] for f in os.listdir(folder) if f.endswith(".so")); bad = []
    for name in names:
        try: importlib.import_module(name)
        except ImportError as error: bad.append(f"{name}: {error}")
    say(len(names), bad)
    import numpy, scipy
    say(numpy.__version__, scipy.__version__, numpy.__file__)
    rng = numpy.random.default_rng(1); a = rng.normal(size=(200, 200)); b = a @ a.T
    say(digest(a), digest(numpy.sort(a.ravel())), digest(numpy.fft.fft2(a).real.round(6)), numpy.linalg.cond(b).round(3), digest(numpy.einsum("ij,jk->ik", a, a).round(6)))
    say(numpy.linalg.eigvalsh(b).round(6)[:3], numpy.linalg.svd(a, compute_uv=False).round(6)[:3])
    import scipy.fft, scipy.integrate, scipy.interpolate, scipy.io, scipy.linalg, scipy.ndimage, scipy.optimize, scipy.signal, scipy.sparse.linalg, scipy.spatial, scipy.special, scipy.stats, scipy.cluster.hierarchy
    say(scipy.integrate.quad(lambda x: numpy.exp(-x * x), 0, numpy.inf)[0], scipy.optimize.minimize(lambda x: (x[0] - 1) ** 2 + (x[1] + 2) ** 4, [0, 0], method="BFGS").x.round(3))
    say(scipy.special.jv(2, 3.5), scipy.stats.norm.ppf(0.975), scipy.linalg.expm(a[:3, :3] / 10).round(8).tolist(), scipy.integrate.solve_ivp(lambda t, y: -y, (0, 1), [1]).y[0, -1])
    say(scipy.sparse.linalg.spsolve(scipy.sparse.diags([1, -3, 1], [-1, 0, 1], (50, 50), format="csc"), numpy.ones(50)).round(8)[:4], scipy.spatial.ConvexHull(a[:, :2]).vertices.tolist(), scipy.spatial.cKDTree(a[:, :3]).query([0, 0, 0], 3)[1])
    say(digest(scipy.ndimage.gaussian_filter(a, 2).round(8)), digest(scipy.signal.convolve2d(a, a[:5, :5]).round(8)), scipy.cluster.hierarchy.linkage(a[:20, :4])[-1].round(6))
    with concurrent.futures.ThreadPoolExecutor(8) as pool: say([round(x, 4) for x in pool.map(lambda n: float(numpy.linalg.solve(b[:n, :n], numpy.ones(n)).sum()), range(50, 200, 10))])
    for method in ("fork", "spawn", "forkserver"):
        with multiprocessing.get_context(method).Pool(3) as pool: say(method, [round(x, 2) for x in pool.map(child, range(2, 6))])
    count = 0
    for package in (numpy, scipy):
        for where, _, files in os.walk(os.path.dirname(package.__file__)):
            for f in sorted(files):
                if f.endswith(".so") and "test" not in f and "test" not in where:
                    name = os.path.relpath(os.path.join(where, f), "/opt/pypi").split(".")[0].replace("/", ".")
                    try: importlib.import_module(name); count += 1
                    except ImportError as error: say(name, error)
    say("extension modules", count, "objects", len({l.split()[-1] for l in open("/proc/self/maps") if ".so" in l and "/ld" not in l}))
    from cryptography.fernet import Fernet, InvalidToken
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, x25519
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
    from cryptography import x509
    say(AESGCM(bytes(16)).encrypt(bytes(12), b"data", b"more").hex(), ChaCha20Poly1305(bytes(32)).encrypt(bytes(12), b"data", None).hex(), Scrypt(b"salt", 16, 16, 8, 1).derive(b"password").hex())
    key = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32))); say(key.sign(b"x").hex()[:32]); key.public_key().verify(key.sign(b"y"), b"y")
    try: Fernet(Fernet.generate_key()).decrypt(b"rubbish")
    except InvalidToken: say("invalid token")
    def threaded(n): k = rsa.generate_private_key(65537, 1024); k.public_key().verify(k.sign(b"m", padding.PKCS1v15(), hashes.SHA256()), b"m", padding.PKCS1v15(), hashes.SHA256()); done.append(n)
    done = []; threads = [threading.Thread(target=threaded, args=(n,)) for n in range(8)]; [t.start() for t in threads]; [t.join() for t in threads]; say(sorted(done))
    say(len(x509.load_pem_x509_certificates(open("/etc/ssl/certs/ca-certificates.crt", "rb").read())) > 50, ec.generate_private_key(ec.SECP384R1()).key_size)
    import cffi; ffi = cffi.FFI(); ffi.cdef("double cos(double); int abs(int); void qsort(void *, size_t, size_t, int (*)(const void *, const void *));"); c = ffi.dlopen(None); m = ffi.dlopen("libm.so.6"); n = ffi.new("int[]", [3, 1, 2])
    c.qsort(n, 3, 4, ffi.callback("int(const void *, const void *)", lambda x, y: ffi.cast("int *", x)[0] - ffi.cast("int *", y)[0])); say(m.cos(0.5), c.abs(-4), list(n))
if __name__ == "__main__": main()
P
python3 job.py; echo $?; python3 -m venv --without-pip v && v/bin/python -c 'import sys; print(sys.prefix, sys.executable)'; v/bin/python -c 'import numpy; print(numpy.ones(3).sum())'
cat >own.c <<'P'
#include <Python.h>
static __thread int calls;
static PyObject *f(PyObject *s, PyObject *a) { return PyLong_FromLong(++calls); }
static PyMethodDef m[] = {{"f", f, METH_NOARGS, ""}, {0}}; static struct PyModuleDef d = {PyModuleDef_HEAD_INIT, "own", 0, -1, m};
PyMODINIT_FUNC PyInit_own(void) { return PyModule_Create(&d); }
P
gcc -shared -fPIC $(python3-config --includes) own.c -o own.so && PYTHONPATH=. python3 -c 'import own, threading; print(own.f(), own.f()); t = threading.Thread(target=lambda: print(own.f())); t.start(); t.join()'
cat >embed.c <<'P'
#include <Python.h>
int main(void) { for (int i = 0; i < 3; i++) { Py_Initialize(); PyRun_SimpleString("import _decimal, zlib; print(_decimal.Decimal(2).sqrt())"); if (Py_FinalizeEx()) return 1; } return 0; }
P
gcc $(python3-config --includes) embed.c -o embed $(python3-config --embed --ldflags) && ./embed; echo $?
