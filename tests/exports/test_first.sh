#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# Build the smallest library and its program by make and rustc alone:
# SOURCE-ROOT
set -eu

for tool in make rustc; do
	command -v "$tool" >/dev/null || {
		echo "not run: $tool is missing"
		exit 77
	}
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r "$1/exports/first/." "$work"
make -s -C "$work" main CC="${CC:-cc}"
test "$("$work/main")" = 42
