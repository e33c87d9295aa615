#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# Link several libraries in Rust into one program, in each way that there is:
# SOURCE-ROOT BUILD-ROOT COMPILER...
set -eu

source=$1
build=$2
shift 2

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export RUST_BACKTRACE=0

# NAME ARCHIVE-OR-FLAG...: link the program, and run it.
link() {
	name=$1
	shift
	"${CC:-cc}" -std=c11 -Wall -Wextra -Werror \
		-I "$source/exports/codec-zlib-rs/include" \
		-I "$source/exports/first/include" \
		-I "$source/exports/sgzfile/include" \
		-o "$work/$name" "$source/tests/exports/two.c" "$@" \
		-Wl,-Map,"$work/$name.map" -L "$build/csrc" -lsgz \
		-Wl,-rpath,"$build/csrc" -lgcc_s -lpthread -lm -ldl
}
CC=$1
exports=$build/exports

echo 'as shared objects: a standard library each, which nobody else sees'
link shared -L "$exports" -lfirst -lsgzfile -lcodec_zlib_rs \
	-Wl,-rpath,"$exports"
"$work/shared"

echo 'as one archive: one standard library'
link umbrella "$exports/libumbrella.a"
"$work/umbrella"

echo 'as archives: one of them brings the standard library for all'
link archives "$exports/libfirst.a" "$exports/libsgzfile.a" \
	"$exports/libcodec_zlib_rs.a"
"$work/archives"
# It works while all were built by the same compiler, from the same lock file,
# and none has an allocator of its own: the linker says nothing if not.
brought=$(grep -o 'lib[a-z_]*\.a(std-' "$work/archives.map" | sort -u | wc -l)
if [ "$brought" != 1 ]; then
	echo "$brought archives bring the standard library"
	exit 1
fi

echo 'as whole archives: what they have in common is there twice'
if link whole -Wl,--whole-archive "$exports/libfirst.a" \
	"$exports/libsgzfile.a" -Wl,--no-whole-archive 2>"$work/said"; then
	echo 'two standard libraries were linked'
	exit 1
fi
grep -q 'multiple definition of .*__rust_alloc' "$work/said"
