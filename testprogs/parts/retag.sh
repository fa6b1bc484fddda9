# retag.sh FILE OLD NEW [VALUE]: the first entry of the dynamic section with tag OLD gets the tag NEW, and the value.
# For files no linker writes today, and damaged ones.
offset=$(readelf -Wl "$1" | awk '$1 == "DYNAMIC" { print $2; exit }')
perl -e '
    my ($file, $offset, $old, $new, @value) = @ARGV;
    open my $f, "+<:raw", $file or die "$file: $!";
    for (my $at = oct $offset;; $at += 16) {
        seek $f, $at, 0;
        read $f, my $tag, 8;
        my $t = unpack "Q<", $tag;
        if ($t == $old) { seek $f, $at, 0; print $f pack "Q<*", $new, @value; exit }
        die "no tag $old" if $t == 0;
    }' "$1" "$offset" $(($2)) $(($3)) $4
