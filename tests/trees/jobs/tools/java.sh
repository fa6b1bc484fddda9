# Java: the launcher opens libjvm, which has 8 MB of TLS users, signal handlers and stacks of its own; threads, JNI, the compilers.
java -version; echo $?
cat >Job.java <<'P'
import java.nio.file.*;
import java.util.*;
import java.util.concurrent.*;
import java.util.stream.*;
public class Job {
    static native int twice(int n);
    static native void thrower();
    static int depth(int n) { return depth(n + 1) + 1; }
    public static void main(String[] a) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(8);
        List<Future<Long>> all = new ArrayList<>();
        for (int t = 0; t < 32; t++) { final int n = t; all.add(pool.submit(() -> { long s = 0; for (int i = 0; i < 3000000; i++) s = s * 31 + (i ^ n); return s; })); }
        long sum = 0; for (Future<Long> f : all) sum ^= f.get(); pool.shutdown(); System.out.println(sum);
        System.out.println(IntStream.range(0, 100000).parallel().mapToObj(i -> "" + i).filter(s -> s.endsWith("7")).count());
        ThreadLocal<Integer> local = ThreadLocal.withInitial(() -> 5); Thread t = new Thread(null, () -> local.set(6), "own", 64 << 20); t.start(); t.join(); System.out.println(local.get());
        for (int i = 0; i < 3; i++) try { depth(0); } catch (StackOverflowError e) { System.out.println("stack overflow caught"); }
        Thread deep = new Thread(() -> { try { depth(0); } catch (StackOverflowError e) { System.out.println("and in a thread"); } }); deep.start(); deep.join();
        try { System.out.println(((String) null).length()); } catch (NullPointerException e) { System.out.println("null caught"); }
        byte[][] kept = new byte[64][]; for (int i = 0; i < 5000; i++) kept[i % 64] = new byte[100000]; System.gc(); System.out.println(kept.length);
        System.load(Paths.get("libjob.so").toAbsolutePath().toString());
        int[] results = IntStream.range(0, 1000).parallel().map(Job::twice).toArray(); System.out.println(results[999]);
        try { thrower(); } catch (IllegalStateException e) { System.out.println(e.getMessage()); }
        try { System.loadLibrary("nosuch"); } catch (UnsatisfiedLinkError e) { System.out.println(e.getMessage().split(":")[0]); }
        try { Path bad = Paths.get("bad.so"); Files.write(bad, new byte[100]); System.load(bad.toAbsolutePath().toString()); } catch (UnsatisfiedLinkError e) { System.out.println(e.getMessage().replaceAll("\\(.*", "")); }
        Process p = new ProcessBuilder("echo", "from a child").inheritIO().start(); System.out.println(p.waitFor());
        var m = java.security.MessageDigest.getInstance("SHA-256"); System.out.println(HexFormat.of().formatHex(m.digest("abc".getBytes())));
        try (var s = new java.net.ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
            Thread c = new Thread(() -> { try (var k = new java.net.Socket(java.net.InetAddress.getLoopbackAddress(), s.getLocalPort())) { k.getOutputStream().write(42); } catch (Exception e) { throw new RuntimeException(e); } });
            c.start(); System.out.println(s.accept().getInputStream().read()); c.join(); }
        Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("shutdown hook")));
        System.exit(3);
    }
}
P
cat >job.c <<'P'
#include <jni.h>
static __thread int calls;
JNIEXPORT jint JNICALL Java_Job_twice(JNIEnv *e, jclass c, jint n) { return calls++ >= 0 ? 2 * n : -1; }
JNIEXPORT void JNICALL Java_Job_thrower(JNIEnv *e, jclass c) { (*e)->ThrowNew(e, (*e)->FindClass(e, "java/lang/IllegalStateException"), "thrown from C"); }
P
home=$(dirname "$(dirname "$(realpath "$(command -v javac)")")")
gcc -O2 -shared -fPIC -I"$home/include" -I"$home/include/linux" job.c -o libjob.so
javac -d . Job.java; echo $?
java -Xmx256m -cp . Job; echo $?
java -Xint -Xmx256m -XX:+UseSerialGC -cp . Job | md5sum; java -XX:+UseParallelGC -Xss512k -Xmx256m -cp . Job | md5sum
jar cf job.jar Job.class && jar tf job.jar; javap -cp . Job | head -n 3; echo '1 + 2' | jshell -s 2>/dev/null | head -n 1
java -Xmx256m -cp . Job >/dev/null & jcmd -l >/dev/null; echo $?; wait
