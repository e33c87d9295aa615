# shellcheck shell=sh disable=SC2034
# SPDX-License-Identifier: MIT OR Apache-2.0
# What scripts have in common that run Cargo for Meson: they source this.

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

# prepare LIB TARGET-DIR SANITIZER: Cargo will use the libsgz in LIB. Where it
# builds is $made; what names the target to it is $triple, which may be empty.
prepare() {
	forget
	export SGZ_LIB_DIR="$1"
	# Found by an rpath of their own, whoever loads them. Flags that Cargo
	# is to split at spaces could not hold a path with one: hence the
	# encoded form.
	unit=$(printf '\037')
	flags=$(printf %s "${RUSTFLAGS-}" | tr -s ' ' "$unit")
	flags=${flags:+$flags$unit}-Clink-arg=-Wl,-rpath,$1
	made=$2/lane
	triple=
	if [ "$3" = address ]; then
		# rustc keeps this behind a gate; naming the target keeps it
		# away from build scripts.
		triple=$(rustc -vV | sed -n 's/^host: //p')
		flags=$flags$unit-Zsanitizer=address
		export RUSTC_BOOTSTRAP=1
		made=$2/$triple/lane
	fi
	export CARGO_ENCODED_RUSTFLAGS="$flags"
}

# depfile OUT FILE...: for ninja, what OUT was made from: what Cargo lists in each
# FILE, and all manifests. It runs in the repository's root.
depfile() {
	printf '%s:' "$1"
	shift
	for list; do
		sed -n 's/^[^:]*: *//p' "$list" | tr '\n' ' ' |
			sed 's/^/ /; s/ *$//'
	done
	escaped_root=$(pwd | sed 's/ /\\ /g')
	for manifest in Cargo.toml Cargo.lock bindings/*/Cargo.toml \
		safe-wrapper/Cargo.toml safe-wrapper/*/Cargo.toml \
		exports/*/Cargo.toml lanes/*/Cargo.toml \
		bench/calls/Cargo.toml; do
		[ ! -f "$manifest" ] ||
			printf ' %s/%s' "$escaped_root" "$manifest"
	done
	echo
}

# A new file each time: a running program may have the old one mapped.
put() {
	cp "$1" "$2.new"
	mv "$2.new" "$2"
}
