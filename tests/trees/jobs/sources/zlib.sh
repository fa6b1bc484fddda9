# zlib's own example, and files packed and unpacked. $RUN is the loader, or nothing; $BIN has the programs.
set -e
$RUN "$BIN/examplesh"
seq 1 20000 >numbers
$RUN "$BIN/minigzipsh" <numbers >packed
wc -c <packed
$RUN "$BIN/minigzipsh" -d <packed | cmp - numbers && echo whole
gzip -dc <packed | cmp - numbers && echo "whole for gzip"
