#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# Install the library, and build a program with nothing but what was installed:
# SOURCE-ROOT BUILD-ROOT CONSUMER.C MESON...
set -eu

build=$2
consumer=$3
shift 3

if ! command -v pkg-config >/dev/null; then
	echo 'not run: pkg-config is missing'
	exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$@" install -C "$build" --no-rebuild --quiet --destdir "$work/root"

# where the .pc file landed, and what it calls the prefix
pc=$(find "$work/root" -name sgz.pc)
prefix=$(sed -n 's/^prefix=//p' "$pc")
export PKG_CONFIG_PATH="${pc%/*}"
export PKG_CONFIG_SYSROOT_DIR="$work/root"
libdir=$work/root$(PKG_CONFIG_SYSROOT_DIR='' \
	pkg-config --variable=libdir sgz)

pkg-config --exists sgz
test "$(pkg-config --modversion sgz)" = 0.1.0

# shellcheck disable=SC2046 # flags are words
${CC:-cc} -std=c11 -Wall -Wextra -Wpedantic -Werror $(pkg-config --cflags sgz) \
	-o "$work/shared" "$consumer" $(pkg-config --libs sgz)
LD_LIBRARY_PATH=$libdir "$work/shared"

# shellcheck disable=SC2046
${CC:-cc} -std=c11 $(pkg-config --cflags sgz) -o "$work/static" "$consumer" \
	"$libdir/libsgz.a" $(pkg-config --static --libs-only-l sgz |
		sed 's/-lsgz//')
"$work/static"

# nothing is exported that the headers do not declare
nm -D --defined-only "$libdir/libsgz.so" |
	sed -n 's/.* [A-Z] \([^@]*\).*/\1/p' | sort >"$work/exported"
while read -r symbol; do
	grep -rqw "$symbol" "$work/root$prefix/include" || {
		echo "exported, and in no header: $symbol"
		exit 1
	}
done <"$work/exported"
test -s "$work/exported"

# and every function that they declare is exported
grep -rhoE '^sgz_[a-z0-9_]+\(' "$work/root$prefix/include" | tr -d '(' |
	sort -u >"$work/declared"
while read -r symbol; do
	case $symbol in
	sgz_subfield_len | sgz_subfield_next) continue ;; # static inline
	esac
	grep -qx "$symbol" "$work/exported" || {
		echo "declared, and not exported: $symbol"
		exit 1
	}
done <"$work/declared"
