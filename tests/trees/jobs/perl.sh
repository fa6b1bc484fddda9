# perl with XS modules, regular expressions, forks, pipes and sockets.
perl -MList::Util=sum,shuffle -MPOSIX=floor,strftime -MStorable=dclone -MData::Dumper -MDigest::SHA=sha256_hex -MTime::HiRes=time \
     -MEncode -MFile::Temp=tempfile -MSocket -MIO::Handle -MFcntl=:flock -we '
$| = 1; $Data::Dumper::Sortkeys = $Data::Dumper::Indent = 1;
print sum(1 .. 1000), " ", floor(3.7), " ", strftime("%F", gmtime 0), " ", sha256_hex("abc"), "\n";
print Dumper(dclone({ a => [1, 2, { b => 3 }] }));
my $s = decode("UTF-8", "\xc3\xa4\xc3\xb6"); print length($s), " ", encode("iso-8859-1", $s) eq "\xe4\xf6" ? "latin" : "wrong", "\n";
my %h; $h{$_ % 7}++ for 1 .. 10000; print join(",", map { "$_=$h{$_}" } sort keys %h), "\n";
my ($fh, $name) = tempfile(); print $fh "line $_\n" for 1 .. 5; close $fh; open $fh, "<", $name; my @l = <$fh>; print scalar(@l), $l[-1];
for my $i (1 .. 3) { my $p = fork; if (!$p) { exit $i } waitpid $p, 0; print "child ", $? >> 8, "\n" }
socketpair(my $near, my $far, AF_UNIX, SOCK_STREAM, PF_UNSPEC); my $p = fork; if (!$p) { print $far "through\n"; $far->flush; exit } print scalar <$near>;
print join("|", "2001-02-03" =~ /^(\d+)-(\d+)-(\d+)$/), " ", ("abc" x 3) =~ s/b/X/gr, "\n";
local $SIG{ALRM} = sub { die "alarm\n" }; eval { alarm 1; select undef, undef, undef, 5 }; print "died: $@";
print `echo from a shell`; print sprintf("%.10f %s", atan2(1, 1) * 4, join ",", (sort { $a <=> $b } map { $_ * 37 % 101 } 1 .. 20)), "\n";
print "threads: ", (eval { require threads; my @t = map { my $n = $_; threads->create(sub { $n * 2 }) } 1 .. 4; join ",", map { $_->join } @t } // $@), "\n";
'
perl -MDB_File -e 'print "DB_File\n"' 2>&1 | head -n 1; perl -V:version -V:usethreads; perl -e 'exit 7'; echo $?
