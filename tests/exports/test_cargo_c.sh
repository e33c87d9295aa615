#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# Let cargo-c build and install sgzfile, and run the programs that are built with
# what Meson installs: SOURCE-ROOT BUILD-ROOT CARGO-C-FOLDER MESON...
set -eu

source=$1
build=$2
PATH=$3:$PATH
shift 3

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# to where Meson installs
variable() {
	sed -n "s/^$1=//p" "$build/meson-private/sgzfile.pc"
}
libdir=$(variable libdir)

# shellcheck source=tools/cargo_env.sh
. "$source/tools/cargo_env.sh"
(
	forget
	export SGZ_LIB_DIR="$build/csrc"
	cd "$source"
	cargo cinstall --locked -p sgzfile --profile lane \
		--target-dir "$build/cargo-c" --destdir "$work" \
		--prefix "$(variable prefix)" --libdir "${libdir#*/}"
)
for kind in symbols c c++ cmake meson; do
	echo "consumer $kind"
	status=0
	INSTALLED_OVER=$work sh "$source/tests/exports/test_consumers.sh" \
		"$kind" "$source" "$build" "$@" || status=$?
	# what is missing here is no fault of cargo-c's
	[ "$status" = 0 ] || [ "$status" = 77 ] || exit "$status"
done
