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

# What another Cargo or Meson around this one set is not meant for it. What a
# person sets stays: CARGO_HOME, CARGO_NET_*, CARGO_REGISTRIES_* and the like.
forget() {
	for name in $(env | sed -n 's/^\([A-Za-z_][A-Za-z_0-9]*\)=.*/\1/p'); do
		case $name in
		CARGO | CARGO_MANIFEST_* | CARGO_PKG_* | CARGO_CFG_* | \
			CARGO_FEATURE_* | CARGO_ENCODED_RUSTFLAGS | \
			CARGO_MAKEFLAGS | CARGO_TARGET_DIR | \
			CARGO_BUILD_TARGET* | CARGO_PRIMARY_PACKAGE | \
			CARGO_CRATE_NAME | CARGO_BIN_* | DEP_* | MESON* | \
			MAKEFLAGS | MFLAGS | DESTDIR | OUT_DIR | TARGET | \
			HOST | NUM_JOBS | OPT_LEVEL | PROFILE | DEBUG | \
			RUSTC_LINKER | SGZ_*) unset "$name" ;;
		esac
	done
}

# The crate's name, as its Cargo.toml has it.
package() {
	sed -n 's/^name *= *"\(.*\)"/\1/p' "$root/lanes/$1/Cargo.toml" |
		head -n 1
}

# Cargo's list of what a lane was made from, for ninja: the same under the name
# of ninja's target, and the manifests with it.
depfile() {
	printf '%s:' "$1"
	for name in $names; do
		sed -n 's/^[^:]*: *//p' "$made/libferrule_lane_$name.d" |
			tr '\n' ' ' | sed 's/^/ /; s/ *$//'
	done
	sed -n 's/^[^:]*: *//p' "$made/libcodec_zlib_rs.d" |
		tr '\n' ' ' | sed 's/^/ /; s/ *$//'
	for manifest in Cargo.toml Cargo.lock bindings/*/Cargo.toml \
		safe-wrapper/Cargo.toml safe-wrapper/*/Cargo.toml \
		exports/*/Cargo.toml lanes/*/Cargo.toml; do
		[ ! -f "$manifest" ] || printf ' %s/%s' "$escaped_root" "$manifest"
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

forget
export SGZ_LIB_DIR="$lib"
# Found by an rpath of their own, whoever loads them. Flags that Cargo is to
# split at spaces could not hold a path with one: hence the encoded form.
unit=$(printf '\037')
flags=$(printf %s "${RUSTFLAGS-}" | tr -s ' ' "$unit")
flags=${flags:+$flags$unit}-Clink-arg=-Wl,-rpath,$lib
made=$target/lane
set --
if [ "$sanitizer" = address ]; then
	# rustc keeps this behind a gate; naming the target keeps it away
	# from build scripts.
	triple=$(rustc -vV | sed -n 's/^host: //p')
	flags=$flags$unit-Zsanitizer=address
	export RUSTC_BOOTSTRAP=1
	made=$target/$triple/lane
	set -- --target "$triple"
fi
export CARGO_ENCODED_RUSTFLAGS="$flags"
for name in $names; do
	set -- "$@" -p "$(package "$name")"
done
# What lanes are made of, where tools/broken.py finds it.
for name in libc ferrule-lane sgz-link sgz-sys-handwritten sgz-sys-generated \
	sgz codec-zlib-rs zlib-sys-handwritten zlib-sys-generated ferrule-zlib; do
	set -- "$@" -p "$name"
done

# Meson's paths are relative to the folder that it builds in.
here=$PWD
cd "$root"
cargo build --profile lane --target-dir "$target" "$@"
made_depfile=$(depfile "$out")
cd "$here"
# a new file each time: a running driver may have the old one mapped
put() {
	cp "$1" "$2.new"
	mv "$2.new" "$2"
}
for name in $names; do
	put "$made/libferrule_lane_$name.so" \
		"$(dirname "$out")/ferrule_lane_$name.so"
done
put "$made/libcodec_zlib_rs.so" "$(dirname "$out")/codec_zlib_rs.so"
printf '%s\n' "$made_depfile" >"$deps"
