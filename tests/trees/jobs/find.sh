# find and xargs over the tree, also in parallel.
set -u
find /usr/share/doc -name copyright | sort | wc -l
find /usr/lib -name '*.so*' -not -name 'ld-*' -type f -size +100k -print0 | sort -z | xargs -0 -n 20 md5sum | md5sum
find /etc -maxdepth 1 -type f -newermt 1990-01-01 -printf '%f\n' | sort | head -n 5
find /usr/bin -perm -u+s -printf '%f %m\n' | sort
seq 1 200 | xargs -P 2 -I{} sh -c 'echo $(({} * 2))' | sort -n | tail -n 2
mkdir d; touch d/{1..50}; find d -type f -name '*3*' -delete; find d -type f | wc -l
find d -empty -exec basename {} \; | sort -n | head -n 3; find . -regex '.*/d/[0-9]' | sort
