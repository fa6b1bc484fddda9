# local.sh FILE SYMBOL: the symbol's binding in .dynsym becomes STB_LOCAL.
index=$(readelf -W --dyn-syms "$1" | awk -v s="$2" '$8 == s { sub(":", "", $1); print $1 }')
table=$(readelf -WS "$1" | sed 's/\[ *//' | awk '$2 == ".dynsym" { print $5 }')
perl -e '
    my ($file, $at) = @ARGV;
    open my $f, "+<:raw", $file or die "$file: $!";
    seek $f, $at, 0;
    read $f, my $info, 1;
    seek $f, $at, 0;
    print $f pack "C", unpack("C", $info) & 15;' "$1" $((0x$table + index * 24 + 4))
readelf -W --dyn-syms "$1" | grep -q "LOCAL  DEFAULT .* $2\$"
