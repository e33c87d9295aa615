#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# Install everything, and build a program with nothing but what was installed:
# KIND SOURCE-ROOT BUILD-ROOT MESON...
# KIND is c (make and pkg-config), cmake, meson, or what is installed: symbols.
set -eu

kind=$1
source=$2
build=$3
shift 3

need() {
	for tool; do
		command -v "$tool" >/dev/null || {
			echo "not run: $tool is missing"
			exit 77
		}
	done
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
case $kind in
c) need pkg-config make ;;
cmake) need cmake make c++ ;;
meson) need pkg-config ;;
symbols) need nm readelf ;;
esac

"$@" install -C "$build" --no-rebuild --quiet --destdir "$work/root"
pc=$(find "$work/root" -name sgzfile.pc)
prefix=$work/root$(sed -n 's/^prefix=//p' "$pc")
export PKG_CONFIG_PATH="${pc%/*}"
export PKG_CONFIG_SYSROOT_DIR="$work/root"
libdir=${PKG_CONFIG_PATH%/pkgconfig}

# Rust is out of reach: who uses the library does not have it.
mkdir "$work/bin"
for tool in cargo rustc rustup; do
	printf '#!/bin/sh\necho "%s was called" >&2\nexit 1\n' "$tool" \
		>"$work/bin/$tool"
	chmod +x "$work/bin/$tool"
done
PATH=$work/bin:$PATH
export RUST_BACKTRACE=0
# so is the source; and the folder is the program's
mkdir "$work/consumer"
for file in "$source/tests/exports/$kind"/*; do
	[ ! -f "$file" ] || cp "$file" "$work/consumer"
done
cd "$work/consumer"

# How the program finds the library, and ld the library's own. Where a library
# is installed for good, both know the folder.
run() {
	LD_LIBRARY_PATH=$libdir "$@"
}

# What is declared is exported, and what is exported is declared.
symbols() {
	nm -D --defined-only "$libdir/lib$1.so" |
		sed -n 's/.* T \([^@]*\)@.*/\1/p' | sort >"$work/exported"
	# neither data, nor weak symbols, nor anything of Rust's
	if nm -D --defined-only "$libdir/lib$1.so" | grep -v ' T ' |
		grep -v ' A [A-Z]*_0$'; then
		exit 1
	fi
	sed -n "s/^[a-z].*[ *]\(${1}_[a-z_]*\)(.*/\1/p; s/^\(${1}_[a-z_]*\)(.*/\1/p" \
		"$prefix/include/$1.h" | sort >"$work/declared"
	test -s "$work/declared"
	diff "$work/declared" "$work/exported"
}

case $kind in
c)
	run make -s main CC="${CC:-cc}"
	run ./main
	;;
meson)
	cp "$source/tests/exports/c/main.c" .
	run "$@" setup build . >log || { cat log && exit 1; }
	run "$@" compile -C build >log || { cat log && exit 1; }
	run build/main
	;;
cmake)
	# with a sanitizer, but in the program alone
	run cmake -S . -B build -DCMAKE_PREFIX_PATH="$prefix" \
		-DCMAKE_CXX_FLAGS="-g -fsanitize=address" >log ||
		{ cat log && exit 1; }
	run cmake --build build >log || { cat log && exit 1; }
	ASAN_OPTIONS=detect_leaks=1 run build/main
	# a version that this one does not stand for
	sed 's/sgzfile 0.1/sgzfile 1.0/' CMakeLists.txt >new
	mv new CMakeLists.txt
	if run cmake -S . -B other -DCMAKE_PREFIX_PATH="$prefix" >log 2>&1; then
		echo 'find_package(sgzfile 1.0) finds version 0.1'
		exit 1
	fi
	grep -q 'version: 0.1.0' log
	;;
symbols)
	symbols first
	symbols sgzfile
	# what is installed leads neither to the source nor to the build
	for library in "$libdir"/lib*.so; do
		if readelf -d "$library" | grep -E 'R(UN)?PATH'; then
			echo "$library has a path in it"
			exit 1
		fi
	done
	if grep -rI -e "$source" -e "$build" "$prefix/include" \
		"$libdir/cmake" "$libdir/pkgconfig"; then
		exit 1
	fi
	;;
esac
