# weak.sh FILE: the only needed version becomes VER_FLG_WEAK: vna_flags follows the Verneed and vna_hash.
table=$(readelf -WS "$1" | sed 's/\[ *//' | awk '$2 == ".gnu.version_r" { print $5 }')
printf '\002\000' | dd of="$1" bs=1 seek=$((0x$table + 16 + 4)) conv=notrunc status=none
readelf -WV "$1" | grep -q 'Name: V2  Flags: WEAK'
