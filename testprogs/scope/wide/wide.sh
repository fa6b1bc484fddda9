# wide.sh N: lib1.so ... libN.so, each with a function of its own and one they all have; wide.c calls them all; the file
# `libraries` names them for the linker.
: > libraries
echo 'int all(void) { int n = 0;' > wide.c
i=1
while [ "$i" -le "$1" ]; do
    printf '.globl f%d, common\n.type f%d, @function\n.type common, @function\nf%d:\ncommon: mov $%d, %%eax\nret\n' "$i" "$i" "$i" "$i" > wide.s
    echo '.section .note.GNU-stack,"",@progbits' >> wide.s
    as -o wide.o wide.s
    ld -shared --hash-style=both -o "lib$i.so" wide.o
    echo "-l:lib$i.so" >> libraries
    echo "extern int f$i(void); n += f$i();" >> wide.c
    i=$((i + 1))
done
echo 'return n; }' >> wide.c
