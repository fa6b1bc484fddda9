# phdr.sh FILE TYPE FIELD VALUE...: sets fields of the first program header of this p_type: p_type, p_flags, p_offset,
# p_vaddr, p_paddr, p_filesz, p_memsz or p_align. A type may have `,N` behind it for the header of that number, from 0.
perl -e '
    my ($file, $type, %set) = @ARGV;
    my %at = (p_type => [0, "L<"], p_flags => [4, "L<"], p_offset => [8, "Q<"], p_vaddr => [16, "Q<"], p_paddr => [24, "Q<"],
        p_filesz => [32, "Q<"], p_memsz => [40, "Q<"], p_align => [48, "Q<"]);
    my ($kind, $nth) = split /,/, $type;
    open my $f, "+<:raw", $file or die "$file: $!";
    read $f, my $head, 64;
    my ($table, $count) = (unpack("x32 Q<", $head), unpack("x56 S<", $head));
    for my $i (0 .. $count - 1) {
        seek $f, $table + 56 * $i, 0;
        read $f, my $word, 4;
        next if unpack("L<", $word) != oct($kind) || $nth-- > 0;
        for my $field (keys %set) {
            my ($at, $form) = @{ $at{$field} };
            seek $f, $table + 56 * $i + $at, 0;
            print $f pack $form, $set{$field} =~ /^0x/ ? oct $set{$field} : $set{$field};
        }
        exit;
    }
    die "no header of type $type";
' "$@"
