# python3: extension modules, threads, processes, and libraries opened at run time.
cat >job.py <<'P'
import asyncio, concurrent.futures, ctypes, ctypes.util, decimal, hashlib, json, lzma, bz2, zlib, multiprocessing, os
import queue, random, re, signal, socket, sqlite3, ssl, struct, subprocess, sys, tempfile, threading, time, unicodedata
import array, csv, datetime, locale, math, mmap, pickle, select, uuid, xml.etree.ElementTree as tree, zoneinfo

def square(n):
    return n * n

def main():
    print(sys.version_info[:2], sys.byteorder)
    # threads with data of their own
    local, results, lock = threading.local(), [], threading.Lock()
    def work(n):
        local.n = n
        time.sleep(0.001)
        with lock:
            results.append((n, local.n))
    threads = [threading.Thread(target=work, args=(n,)) for n in range(40)]
    [t.start() for t in threads]; [t.join() for t in threads]
    print(sorted(results)[-1], all(a == b for a, b in results))
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        print(sum(pool.map(square, range(1000))))
    for method in ("fork", "spawn", "forkserver"):
        with multiprocessing.get_context(method).Pool(2) as pool:
            print(method, sum(pool.map(square, range(100))))
    manager = multiprocessing.Manager(); shared = manager.dict(); shared["a"] = 1; print(dict(shared)); manager.shutdown()
    # ssl between two threads over memory, with the certificate store loaded
    context = ssl.create_default_context(); print(len(context.get_ca_certs()) > 50, ssl.OPENSSL_VERSION.split()[0])
    print(context.protocol, hashlib.sha3_256(b"abc").hexdigest(), hashlib.new("sha512", b"abc").hexdigest()[:16])
    one, two = ssl.MemoryBIO(), ssl.MemoryBIO(); client = context.wrap_bio(one, two, server_hostname="example.org")
    try: client.do_handshake()
    except ssl.SSLWantReadError: print("hello sent", len(two.read()) > 200)
    # ctypes: libc, libm, callbacks
    libc, libm = ctypes.CDLL(None), ctypes.CDLL(ctypes.util.find_library("m") or "libm.so.6")
    libm.cos.restype, libm.cos.argtypes = ctypes.c_double, [ctypes.c_double]; print(libm.cos(0.0), libc.abs(-5))
    compare = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_int), ctypes.POINTER(ctypes.c_int))(lambda a, b: a[0] - b[0])
    numbers = (ctypes.c_int * 5)(5, 1, 4, 2, 3); libc.qsort(numbers, 5, 4, compare); print(list(numbers))
    try: ctypes.CDLL("libnosuch.so")
    except OSError as error: print(error)
    try: libc.nosuchfunction
    except AttributeError as error: print(str(error).split(":")[-1])
    # databases, arithmetic, compression
    db = sqlite3.connect(":memory:"); db.execute("create table t(a, b)"); db.executemany("insert into t values(?, ?)", ((n, str(n)) for n in range(1000)))
    print(db.execute("select sum(a), max(b) from t where a % 3 = 0").fetchone())
    decimal.getcontext().prec = 50; print(decimal.Decimal(2).sqrt(), decimal.Decimal(1) / 7)
    data = bytes(range(256)) * 500
    for module in (lzma, bz2, zlib): print(module.__name__, module.decompress(module.compress(data)) == data)
    print(json.loads(json.dumps({"a": [1, 2.5, None, "ä"]})), pickle.loads(pickle.dumps({1: (2, 3)})), struct.pack("<IhQ", 1, 2, 3).hex())
    print(re.sub(r"(\w+) (\w+)", r"\2 \1", "hello world"), unicodedata.name("ä"), math.gamma(5.5), tree.fromstring("<a><b/></a>").find("b").tag)
    print(datetime.datetime.fromtimestamp(0, datetime.timezone.utc).isoformat(), locale.setlocale(locale.LC_ALL, "C.UTF-8"))
    # the system
    print(subprocess.run(["echo", "child"], capture_output=True, text=True).stdout, end="", flush=True)
    pid = os.fork()
    if pid == 0: os._exit(17)
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), socket.gethostbyname("localhost"))
    signal.signal(signal.SIGALRM, lambda *a: print("alarm")); signal.setitimer(signal.ITIMER_REAL, 0.01); time.sleep(0.05)
    async def ticks(): return [n async for n in aiter()]
    async def aiter():
        for n in range(3): await asyncio.sleep(0.001); yield n
    print(asyncio.run(ticks()))
    with socket.create_server(("127.0.0.1", 0)) as server:
        def serve(): c, _ = server.accept(); c.sendall(b"over tcp"); c.close()
        t = threading.Thread(target=serve); t.start(); s = socket.create_connection(server.getsockname()); print(s.recv(100)); s.close(); t.join()
    memory = mmap.mmap(-1, 4096); memory[:3] = b"abc"; print(memory[:3]); memory.close()
    import importlib, pkgutil, sysconfig
    names = sorted(n.split(".")[0] for n in os.listdir(sysconfig.get_path("platstdlib") + "/lib-dynload") if n.endswith(".so"))
    bad = []
    for name in names:
        try: importlib.import_module(name)
        except ImportError as error: bad.append(f"{name}: {error}")
    print(len(names), bad)

if __name__ == "__main__":
    main()
P
exec python3 job.py
