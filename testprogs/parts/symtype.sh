# symtype.sh FILE SYMBOL TYPE: the symbol in .dynsym gets another type (STT_*); its binding stays.
table=$(readelf -WS "$1" | sed 's/\[ *//' | awk '$2 == ".dynsym" { print $5 }')
set -- "$1" $((0x$table)) "$3" $(readelf -W --dyn-syms "$1" | awk -v s="$2" '$8 == s { print $1 + 0, $5 }')
case $5 in GLOBAL) binding=16 ;; WEAK) binding=32 ;; *) exit 1 ;; esac
printf "\\$(printf %03o $((binding + $3)))" | dd of="$1" bs=1 seek=$(($2 + $4 * 24 + 4)) conv=notrunc status=none
