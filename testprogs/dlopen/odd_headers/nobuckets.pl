# nobuckets.pl FILE SECTION COUNT: the first word of a section.
my ($file, $section, $count) = @ARGV;
my ($at) = map { /\s\Q$section\E\s+\S+\s+\S+\s+(\S+)/ ? hex $1 : () } `readelf -SW $file`;
open my $f, "+<:raw", $file or die "$file: $!";
seek $f, $at, 0;
print $f pack "L<", $count;
