# retype.sh FILE SYMBOL TYPE: the relocation against SYMBOL in .rela.dyn gets another type.
table=$(readelf -WS "$1" | sed 's/\[ *//' | awk '$2 == ".rela.dyn" { print $5 }')
index=$(readelf -Wr "$1" | grep '^[0-9a-f]\{16\}' | awk -v s="$2" '$5 == s { print NR - 1 }')
printf "\\$(printf %03o "$3")" | dd of="$1" bs=1 seek=$((0x$table + index * 24 + 8)) conv=notrunc status=none
