# Makes a tree in which every library is found by another absolute name, and a copy in which ldconfig ran.
# usage: sysroot.sh TREE CACHED
set -eu
tree=$1 cached=$2
mkdir -p "$tree/lib64" "$tree/opt/bin" "$tree/opt/runpath" "$tree/opt/conf" "$tree/opt/elsewhere" "$tree/opt/absolute" \
    "$tree/opt/plugins" "$tree/etc/alternatives" "$tree/etc/ld.so.conf.d"
library() { # NAME FILE [FLAG...]
    name=$1 file=$tree$2
    shift 2
    echo "const char *name_$name(void) { return \"$name\"; }" | gcc -shared -fPIC -x c - -o "$file" "$@"
}
library runpath /opt/runpath/librunpath.so
library conf /opt/conf/libconf.so -Wl,-soname,libconf.so
library link /opt/elsewhere/liblink.so.1 -Wl,-soname,liblink.so
ln -s /etc/alternatives/liblink.so "$tree/opt/runpath/liblink.so"
ln -s ../../opt/elsewhere/liblink.so.1 "$tree/etc/alternatives/liblink.so"
library absolute /opt/absolute/libabsolute.so -Wl,-soname,/opt/absolute/libabsolute.so
library dlopened /opt/plugins/plugin.so
printf '# comment\ninclude ld.so.conf.d/*.conf\n/usr/local/lib\n' >"$tree/etc/ld.so.conf"
printf '/opt/conf # here\n' >"$tree/etc/ld.so.conf.d/opt.conf"
printf '/opt/wrong\n' >"$tree/etc/ld.so.conf.d/.hidden.conf"
cat >"$tree/main.c" <<'END'
#include <dlfcn.h>
#include <stdio.h>
const char *name_runpath(void), *name_conf(void), *name_link(void), *name_absolute(void);
int main(void) {
    void *plugin = dlopen("/opt/plugins/plugin.so", RTLD_NOW);
    const char *(*dlopened)(void) = plugin ? (const char *(*)(void))dlsym(plugin, "name_dlopened") : 0;
    printf("%s %s %s %s %s\n", name_runpath(), name_conf(), name_link(), name_absolute(), plugin ? dlopened() : dlerror());
    return 0;
}
END
gcc "$tree/main.c" -o "$tree/opt/bin/prog" "$tree/opt/runpath/librunpath.so" "$tree/opt/conf/libconf.so" \
    "$tree/opt/elsewhere/liblink.so.1" "$tree/opt/absolute/libabsolute.so" -Wl,-rpath,/opt/runpath -Wl,--enable-new-dtags
patchelf --replace-needed "$tree/opt/runpath/librunpath.so" librunpath.so "$tree/opt/bin/prog"
libc=$(ldd /bin/true | sed -n 's/.*libc.so.6 => \([^ ]*\).*/\1/p')
mkdir -p "$tree$(dirname "$libc")"
cp "$libc" "$tree$libc"
cp /lib64/ld-linux-x86-64.so.2 "$tree/lib64"
cp -a "$tree" "$cached"
ldconfig -r "$cached" 2>/dev/null || /sbin/ldconfig -r "$cached"
