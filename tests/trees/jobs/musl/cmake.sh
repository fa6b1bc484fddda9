# cmake and ninja build a project with the machine's compiler for musl; clang-format and ruff read files.
mkdir source && cd source
printf 'cmake_minimum_required(VERSION 3.20)\nproject(demo C)\nadd_library(two SHARED two.c)\nadd_executable(demo main.c)\ntarget_link_libraries(demo two)\nenable_testing()\nadd_test(demo demo)\n' >CMakeLists.txt
printf 'int two(void) { return 2; }\n' >two.c
printf 'int two(void);\nint main( void ){return two()!=2;}\n' >main.c
chmod +x "$TOOLS"/pypi/bin/* "$TOOLS"/pypi/cmake/data/bin/* "$TOOLS"/pypi/clang_format/data/bin/* 2>/dev/null
cmake="$TOOLS/pypi/cmake/data/bin/cmake" ninja=$(find "$TOOLS/pypi" -name ninja -type f -size +100k | head -n 1)
$RUN "$cmake" -G Ninja -DCMAKE_MAKE_PROGRAM="$ninja" -DCMAKE_C_COMPILER=musl-gcc -B ../build . >/dev/null; echo "configured $?"
$RUN "$ninja" -C ../build >/dev/null; echo "built $?"
../build/demo; echo "ran $?"
$RUN "$TOOLS/pypi/cmake/data/bin/ctest" --test-dir ../build | grep 'tests passed'
$RUN "$TOOLS/pypi/clang_format/data/bin/clang-format" main.c
printf 'import os\n' >a.py
$RUN "$(find "$TOOLS/pypi" -name ruff -type f -size +1000k | head -n 1)" check --no-cache a.py; echo "read $?"
