#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# Builds the lanes that are crates, and the codec that is one, for Meson: Cargo
# knows what they need, Meson when they are needed.
#
#   cargo.sh ROOT LIB-DIR TARGET-DIR OUT DEPFILE SANITIZER NAME...
#
# The libsgz in LIB-DIR is used. OUT is the first of the files that come out,
# and ferrule_lane_NAME.so and codec_zlib_rs.so are its neighbours.
# SANITIZER is "address" or "none".
set -eu

# The crate's name, as its Cargo.toml has it.
package() {
	sed -n 's/^name *= *"\(.*\)"/\1/p' "$root/lanes/$1/Cargo.toml" |
		head -n 1
}

root=$1
lib=$2
target=$3
out=$4
deps=$5
sanitizer=$6
shift 6
names=$*

# shellcheck source=tools/cargo_env.sh
. "$root/tools/cargo_env.sh"
prepare "$lib" "$target" "$sanitizer"
set -- ${triple:+--target "$triple"}
for name in $names; do
	set -- "$@" -p "$(package "$name")"
done
# What lanes are made of, where tools/broken.py finds it.
for name in libc bytes ferrule-lane sgz-link sgz-sys-handwritten \
	sgz-sys-generated sgz tokio codec-zlib-rs first sgzfile \
	zlib-sys-handwritten zlib-sys-generated ferrule-zlib; do
	set -- "$@" -p "$name"
done

# Meson's paths are relative to the folder that it builds in.
here=$PWD
cd "$root"
cargo build --profile lane --target-dir "$target" "$@"
set -- "$made/libcodec_zlib_rs.d"
for name in $names; do
	set -- "$@" "$made/libferrule_lane_$name.d"
done
made_depfile=$(depfile "$out" "$@")
cd "$here"
for name in $names; do
	put "$made/libferrule_lane_$name.so" \
		"$(dirname "$out")/ferrule_lane_$name.so"
done
put "$made/libcodec_zlib_rs.so" "$(dirname "$out")/codec_zlib_rs.so"
printf '%s\n' "$made_depfile" >"$deps"
