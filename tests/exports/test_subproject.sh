#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# Use a copy of this tree as a Meson subproject, and build its libraries in Rust
# from source: SOURCE-ROOT MESON...
set -eu

source=$1
shift

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/subprojects/ferrule"
(cd "$source" && tar -cf - --exclude='./build*' --exclude=./target \
	--exclude=./.git --exclude=./.tools .) |
	tar -xf - -C "$work/subprojects/ferrule"
cat >"$work/subprojects/ferrule.wrap" <<'WRAP'
[wrap-file]
directory = ferrule

[provide]
dependency_names = codec_zlib_rs, first, sgz, sgzfile
WRAP
# the program that others build with what was installed
cp "$source/tests/exports/c/main.c" "$source/tests/exports/meson/meson.build" \
	"$work"
cd "$work"

logged() {
	"$@" >log 2>&1 || {
		cat log
		exit 1
	}
}
# Nothing may be fetched, and what is installed does not count. It is about what
# is found and linked, so nothing is optimised.
export CARGO_PROFILE_LANE_OPT_LEVEL=0 CARGO_PROFILE_LANE_DEBUG=false
logged "$@" setup build --wrap-mode=nodownload -Dferrule:rust=enabled \
	--force-fallback-for=codec_zlib_rs,first,sgz,sgzfile \
	-Dferrule:libdeflate=disabled -Dferrule:codec_libdeflate=disabled \
	-Dferrule:codec_isal=disabled
logged "$@" compile -C build main
cd build
RUST_BACKTRACE=0 ./main
