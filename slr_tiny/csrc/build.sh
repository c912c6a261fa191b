#!/bin/sh
# Builds the three modules: build.sh [folder to write, default dist/]. `make runtime` calls it.
set -eu
cd "$(dirname "$0")"
out=${1:-dist}
CLANG=${CLANG:-clang-19}
WASM_LD=${WASM_LD:-wasm-ld-19}
for program in "$CLANG" "$WASM_LD"; do
  command -v "$program" >/dev/null || {
    echo "$program is missing: install it with 'sudo apt-get install clang-19 lld-19'" \
      "(the compiled modules in csrc/dist need no compiler)." >&2
    exit 1
  }
done
mkdir -p "$out"
objects=$(mktemp -d)
trap 'rm -rf "$objects"' EXIT

# One rounded operation after the other (-ffp-contract=off), no C library (-ffreestanding), and
# no loop written out that the sources do not write out (-fno-...): browsers do that themselves.
flags="--target=wasm32 -std=c11 -O3 -fno-unroll-loops -fno-vectorize -fno-slp-vectorize
  -ffreestanding -fno-builtin -fno-math-errno -ffp-contract=off -Wall -Wextra -Werror -c"

build() { # name, features
  name=$1
  shift
  for source in kernels/*.c wasm/*.c; do
    # $flags is a list
    # shellcheck disable=SC2086
    "$CLANG" $flags "$@" "$source" -o "$objects/$(basename "$source" .c).o"
  done
  "$WASM_LD" --no-entry --strip-all --gc-sections --stack-first -z stack-size=16384 \
    "$objects"/*.o -o "$out/$name.wasm"
  chmod 644 "$out/$name.wasm"
}

build plain
build simd -msimd128
build relaxed -msimd128 -mrelaxed-simd
