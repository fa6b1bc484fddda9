# tar with gzip and xz: there and back.
set -u
mkdir in; cp -r /etc/apt /usr/share/perl/5* in 2>/dev/null; find in -type f | wc -l | (read -r n; [ "$n" -gt 50 ] && echo enough)
for z in gzip xz; do
    tar --sort=name --mtime=@0 --owner=0 --group=0 -I $z -cf in.tar.$z in; echo $?
    mkdir out; tar -xf in.tar.$z -C out; diff -r in out/in; echo "$z: $?"
    tar -tf in.tar.$z | md5sum; rm -r out
done
gzip -dc in.tar.gzip | cmp - <(xz -dc in.tar.xz) && echo same
gzip -t in.tar.gzip && xz -t in.tar.xz && echo intact; head -c 1000 in.tar.gzip | gzip -dc >/dev/null 2>err; echo $?; cat err
