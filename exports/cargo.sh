#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# Builds the libraries that Rust gives to C, for Meson: an archive each.
#
#   cargo.sh ROOT LIB-DIR TARGET-DIR OUT DEPFILE SANITIZER NAME...
#
# The libsgz in LIB-DIR is used. OUT is the first of the files that come out,
# which are libNAME.a in its folder, with _ for each - of the crate's NAME.
# SANITIZER is "address" or "none".
set -eu

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
	set -- "$@" -p "$name"
done

# Meson's paths are relative to the folder that it builds in.
here=$PWD
cd "$root"
cargo build --profile lane --target-dir "$target" "$@"
set --
for name in $names; do
	set -- "$@" "$made/lib$(echo "$name" | tr - _).d"
done
made_depfile=$(depfile "$out" "$@")
cd "$here"
for name in $(echo "$names" | tr - _); do
	put "$made/lib$name.a" "$(dirname "$out")/lib$name.a"
done
printf '%s\n' "$made_depfile" >"$deps"
