# Exchanges the first two PT_LOADs.
perl -e '
    open my $f, "+<:raw", $ARGV[0] or die;
    read $f, my $head, 64;
    my ($table, $count) = (unpack("x32 Q<", $head), unpack("x56 S<", $head));
    my @loads;
    for (0 .. $count - 1) {
        seek $f, $table + 56 * $_, 0;
        read $f, my $header, 56;
        push @loads, [$table + 56 * $_, $header] if unpack("L<", $header) == 1;
    }
    for ([0, 1], [1, 0]) { seek $f, $loads[$_->[0]][0], 0; print $f $loads[$_->[1]][1] }
' "$1"
