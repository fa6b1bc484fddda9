# iconv through modules opened at run time, every charset there is.
printf 'h\303\251llo w\303\266rld \342\202\254\n' >u
for c in UTF-16LE UTF-32BE ISO-8859-15 CP1252 UTF-7 ISO-10646-UCS-2 EBCDIC-FR; do iconv -f UTF-8 -t $c//TRANSLIT u | od -An -tx1; done
printf '\346\227\245\346\234\254\350\252\236\n' >j; for c in EUC-JP SHIFT_JIS ISO-2022-JP GB18030 BIG5 UTF-16; do iconv -f UTF-8 -t $c j | tee x | od -An -tx1; iconv -f $c -t UTF-8 x | cmp - j; done
printf '\355\225\234\352\265\255\n' | iconv -f UTF-8 -t EUC-KR | iconv -f EUC-KR -t UTF-8; iconv -f NOSUCH -t UTF-8 u; echo $?; iconv -f ASCII -t UTF-8 u; echo $?
n=0; ok=0; for c in $(iconv -l | sed 's://.*::' | sort -u); do n=$((n + 1)); printf 'abc' | iconv -f ASCII -t "$c" >x 2>/dev/null && ok=$((ok + 1)) && md5sum x; done | md5sum
localedef -f UTF-8 -i de_DE ./de 2>&1 | head -n 2; LOCPATH=$PWD LC_ALL=de date -d @0 -u +%A; localedef -f ISO-8859-1 -i fr_FR ./fr 2>&1 | head -n 2; LOCPATH=$PWD LC_ALL=fr locale charmap
