#!/bin/sh
# move.sh FILE: its program headers stand at the end of the file, in no segment.
set -e
size=$(($(stat -c %s "$1") + 15 & ~15))
count=$(od -An -t u2 -j 56 -N 2 "$1" | tr -d ' ')
truncate -s "$size" "$1"
dd if="$1" of="$1.table" bs=56 count="$count" skip=64 iflag=skip_bytes status=none
cat "$1.table" >>"$1"
# What was there is gone: who finds the old place finds nothing.
dd if=/dev/zero of="$1" bs=56 count="$count" seek=64 oflag=seek_bytes conv=notrunc status=none
printf "$(printf '\\%03o\\%03o\\%03o\\%03o' $((size & 255)) $((size >> 8 & 255)) $((size >> 16 & 255)) $((size >> 24 & 255)))" |
    dd of="$1" bs=1 seek=32 conv=notrunc status=none
