# zstd with two threads, both ways, and the machine's zstd reads what it wrote, if there is one.
set -e
seq 1 400000 >numbers
$RUN "$BIN/zstd" -q -T2 -9 numbers -o packed.zst
wc -c <packed.zst
$RUN "$BIN/zstd" -q -d packed.zst -o back && cmp back numbers && echo whole
$RUN "$BIN/zstd" -q -t packed.zst && echo tested
$RUN "$BIN/zstd" -b1 -e1 -i0 -q numbers >/dev/null 2>&1 && echo measured
