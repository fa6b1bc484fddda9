# perl: every XS module of its own and some of others, in one process.
cat >job.pl <<'P'
use strict; use warnings; use Config; use File::Find; $| = 1;
my %seen; for my $inc (@INC) { next unless -d "$inc/auto"; find({ no_chdir => 1, wanted => sub { return unless /\.so$/; my $m = $File::Find::name; $m =~ s{^\Q$inc\E/auto/}{}; $m =~ s{/[^/]+$}{}; $m =~ s{/}{::}g; $seen{$m}++ } }, "$inc/auto") }
my ($good, @bad) = 0; for my $m (sort keys %seen) { if (eval "require $m; 1") { $good++ } else { push @bad, $m . ": " . (split /\n/, $@)[0] =~ s/ at .*//r } }
print "$good of ", scalar(keys %seen), "; opened ", scalar(@DynaLoader::dl_librefs), "\n", map { "$_\n" } @bad; print join(" ", sort @DynaLoader::dl_modules), "\n";
my $db = DBI->connect("dbi:SQLite:dbname=:memory:", "", "", { RaiseError => 1 }); $db->do("create table t(a, b)"); $db->do("insert into t values(?, ?)", undef, $_, $_ * $_) for 1 .. 100; print "@{$db->selectrow_arrayref('select sum(a), sum(b) from t')}\n";
print JSON::XS->new->canonical->encode({ a => [1, 2.5, undef], b => "\x{e4}" }), "\n"; my $x = XML::Parser->new(Style => "Tree")->parse("<a><b>c</b></a>"); print $x->[0], " ", $x->[1][1], "\n";
eval { XML::Parser->new->parse("<a>") }; print $@ =~ /no element found|not well-formed|unclosed/ ? "parse error\n" : $@;
my $im = GD::Image->new(50, 50); $im->colorAllocate(255, 255, 255); $im->line(0, 0, 49, 49, $im->colorAllocate(255, 0, 0)); print length($im->png) > 50 ? "png\n" : "none\n"; print Net::SSLeay::SSLeay_version() =~ /OpenSSL/ ? "ssl\n" : "none\n";
if ($Config{useithreads}) { require threads; print join(",", map { $_->join } map { my $n = $_; threads->create(sub { require POSIX; POSIX::floor($n * 1.7) }) } 1 .. 6), "\n" }
P
perl job.pl; echo $?
