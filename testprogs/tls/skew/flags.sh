# Writes the linker's arguments that start .tdata off the alignment which .tbss gives the segment:
# with bfd and lld an address in a linker script, with mold an address on the command line.
for kind in shared pie; do
    case $LD in
    bfd)
        ld.bfd -$kind --verbose | sed -e '1,/^====/d' -e '/^====/,$d' \
            -e 's/^ *\.tdata\t* *:/  .tdata (ALIGN(256) + 20) :/' > $kind.ld
        echo "-Wl,-T,$kind.ld" > $kind.flags ;;
    lld)
        echo "-Wl,-T,lld.ld" > $kind.flags ;;
    mold)
        echo "-Wl,--section-start=.tdata=0x10014" > $kind.flags ;;
    esac
done
