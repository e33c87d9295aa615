#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# Install everything, and build a program with nothing but what was installed:
# KIND SOURCE-ROOT BUILD-ROOT MESON...
# KIND is c (make and pkg-config), c++ (with AddressSanitizer), cmake, meson, or
# what is installed: symbols. Files in $INSTALLED_OVER, if it is set, replace
# those that Meson installed.
set -eu

kind=$1
source=$2
build=$3
shift 3

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin" "$work/consumer"

# The tools of the kind, which are all that its program is built with: who uses
# the library has neither Rust nor the source.
reach() {
	for tool; do
		path=$(command -v "$tool") || {
			echo "not run: $tool is missing"
			exit 77
		}
		ln -s "$path" "$work/bin/$tool"
	done
}

case $kind in
c) reach as cc ld make pkg-config ;;
c++) reach as c++ ld pkg-config ;;
cmake) reach as c++ cmake ld make ;;
meson) reach ar as cc ld ninja pkg-config ;;
symbols) reach nm readelf ;;
esac

"$@" install -C "$build" --no-rebuild --quiet --destdir "$work/root"
[ -z "${INSTALLED_OVER-}" ] || cp -a "$INSTALLED_OVER/." "$work/root"
pc=$(find "$work/root" -name sgzfile.pc)
prefix=$work/root$(sed -n 's/^prefix=//p' "$pc")
libdir=${pc%/pkgconfig/*}
for file in "$source/tests/exports/$kind"/*; do
	[ ! -f "$file" ] || cp "$file" "$work/consumer"
done
cd "$work/consumer"

# The program, and ld, find the libraries by a variable. Where a library is
# installed for good, both know the folder.
run() {
	env -i PATH="$work/bin" HOME="$work" RUST_BACKTRACE=0 \
		ASAN_OPTIONS=detect_leaks=1 LSAN_OPTIONS=use_stacks=0 \
		LD_LIBRARY_PATH="$libdir" PKG_CONFIG_PATH="${pc%/*}" \
		PKG_CONFIG_SYSROOT_DIR="$work/root" "$@" >log 2>&1 || {
		cat log
		return 1
	}
	# a program that was built knows what was installed
	case $1 in
	./*)
		cat log
		if grep -qF -e "$source" -e "$build" "$1"; then
			echo "$1 has a path of the source in it"
			return 1
		fi
		;;
	esac
}

# Each block goes back to the side that it came from; where the audit is built.
audited() {
	[ -e "$build/audit/libferrule_audit.so" ] || return 0
	run "$build/driver/ferrule" audit -- "$@"
	grep -qx 'no findings' log
	grep -q '; blocks: Rust [1-9]' log
}

# What is declared is exported, and what is exported is declared.
symbols() {
	nm -D --defined-only "$libdir/lib$1.so" |
		sed -n 's/.* T \([^@]*\).*/\1/p' | sort >"$work/exported"
	# neither data, nor weak symbols, nor anything of Rust's
	if nm -D --defined-only "$libdir/lib$1.so" | grep -v ' T ' |
		grep -v ' A [A-Z_]*_0$'; then
		exit 1
	fi
	sed -n "s/^[a-z].*[ *]\(${1}_[a-z_]*\)(.*/\1/p; s/^\(${1}_[a-z_]*\)(.*/\1/p" \
		"$prefix/include/$1.h" | sort >"$work/declared"
	test -s "$work/declared"
	diff "$work/declared" "$work/exported"
}

case $kind in
c)
	run make -s
	run ./main
	audited ./main
	run ./codec
	;;
c++)
	cp "$source/tests/exports/cmake/main.cc" .
	compile() {
		# shellcheck disable=SC2016 # it is the other shell's
		run /bin/sh -c 'c++ -std=c++17 -g -Wall -Wextra -Wpedantic \
			-Werror -fsanitize=address "$@" -o main \
			$(pkg-config --cflags --libs sgzfile)' sh "$@"
	}
	compile main.cc
	run ./main
	# what it would say if a destructor were missing
	mkdir leaky
	sed '/sgzfile_bytes_free/d' "$prefix/include/sgzfile.hpp" \
		>leaky/sgzfile.hpp
	cat >leaky.cc <<-'CODE'
		#include <sgzfile.hpp>
		int main()
		{
			sgzf::file("packed").range(0, 9);
		}
	CODE
	compile -Ileaky leaky.cc
	if run ./main >/dev/null; then
		echo 'bytes that nobody frees are not reported'
		exit 1
	fi
	grep -q 'LeakSanitizer: detected memory leaks' log
	;;
meson)
	cp "$source/tests/exports/c/main.c" .
	run "$@" setup build .
	run "$@" compile -C build
	run ./build/main
	;;
cmake)
	run cmake -S . -B build -DCMAKE_PREFIX_PATH="$prefix"
	run cmake --build build
	run ./build/main
	audited ./build/main
	# a version that this one does not stand for
	sed 's/sgzfile 0.1/sgzfile 1.0/' CMakeLists.txt >new
	mv new CMakeLists.txt
	if run cmake -S . -B other -DCMAKE_PREFIX_PATH="$prefix" >/dev/null
	then
		echo 'find_package(sgzfile 1.0) finds version 0.1'
		exit 1
	fi
	grep -q 'version: 0.1.0' log
	;;
symbols)
	symbols first
	symbols sgzfile
	symbols codec_zlib_rs
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
