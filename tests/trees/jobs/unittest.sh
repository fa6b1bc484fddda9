# python3's own tests of modules that lean on threads, thread-local data, dlopen and the C library.
failed=0
for module in test_json test_struct test_threading_local test_ctypes test_lzma test_queue test_thread test_contextlib test_locale; do
    timeout 250 python3 -m unittest -q "test.$module" >out 2>&1 || failed=1
    echo "$module: $(grep -E '^(Ran|OK|FAILED)' out | sed 's/ in [0-9.]*s//' | paste -sd' ')"
    grep -E '^(FAIL|ERROR):' out | sort
done
python3 -m test -q test_decimal >out 2>&1 || failed=1
grep '^Result' out
exit $failed
