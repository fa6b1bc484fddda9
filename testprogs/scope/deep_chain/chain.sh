# chain.sh N: lib1.so ... libN.so; fI adds one and hands on to fI+1.
next=
i=$1
while [ "$i" -gt 0 ]; do
    printf '.globl f%d\n.type f%d, @function\nf%d:\n add $1, %%edi\n' "$i" "$i" "$i" > chain.s
    if [ -n "$next" ]; then echo "jmp f$next@PLT"; else printf 'mov %%edi, %%eax\nret\n'; fi >> chain.s
    echo '.section .note.GNU-stack,"",@progbits' >> chain.s
    as -o chain.o chain.s
    ld -shared --hash-style=both -rpath '$ORIGIN' -o "lib$i.so" chain.o ${next:+"lib$next.so"}
    next=$i
    i=$((i - 1))
done
