#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# Builds the libraries that Rust gives to C, for Meson: an archive each.
#
#   cargo.sh ROOT LIB-DIR TARGET-DIR OUT DEPFILE SANITIZER NAME...
#
# The libsgz in LIB-DIR is used. OUT is the first of the files that come out,
# which are libNAME.a in its folder. SANITIZER is "address" or "none".
set -eu

# Cargo's lists of what they were made from, and the manifests, for ninja.
depfile() {
	printf '%s:' "$1"
	for name in $names; do
		sed -n 's/^[^:]*: *//p' "$made/lib$name.d" | tr '\n' ' ' |
			sed 's/^/ /; s/ *$//'
	done
	for manifest in Cargo.toml Cargo.lock bindings/*/Cargo.toml \
		safe-wrapper/Cargo.toml safe-wrapper/codec/Cargo.toml \
		exports/*/Cargo.toml; do
		printf ' %s/%s' "$escaped_root" "$manifest"
	done
	echo
}

root=$1
lib=$2
target=$3
out=$4
deps=$5
sanitizer=$6
shift 6
names=$*
escaped_root=$(printf %s "$root" | sed 's/ /\\ /g')

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
made_depfile=$(depfile "$out")
cd "$here"
for name in $names; do
	put "$made/lib$name.a" "$(dirname "$out")/lib$name.a"
done
printf '%s\n' "$made_depfile" >"$deps"
