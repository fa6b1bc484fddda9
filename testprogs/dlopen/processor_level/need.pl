# need.pl FILE VALUE [TYPE]: the property GNU_PROPERTY_X86_ISA_1_NEEDED of a library gets this value, and this type.
my ($file, $value, $type) = @ARGV;
open my $f, "+<:raw", $file or die "$file: $!";
read $f, my $bytes, -s $file;
my $at = index $bytes, pack("L<L<", 0xc0008002, 4);
die "no such property" if $at < 0;
seek $f, $at, 0;
print $f pack "L<L<L<", $type ? oct $type : 0xc0008002, 4, oct $value;
