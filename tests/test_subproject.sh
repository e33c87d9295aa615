#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# Use this tree as a Meson subproject: SOURCE-ROOT BUILD-ROOT CONSUMER.C MESON...
set -eu

source=$1
consumer=$3
shift 3

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mkdir -p "$work/subprojects"
ln -s "$source" "$work/subprojects/sgz"
cp "$consumer" "$work/consumer.c"
cat >"$work/meson.build" <<'BUILD'
project('consumer', 'c', default_options: ['c_std=c11'])
executable(
  'consumer',
  'consumer.c',
  dependencies: dependency('sgz', fallback: ['sgz', 'sgz_dep']),
)
BUILD

# nothing may be fetched, and an installed libsgz does not count
"$@" setup --wrap-mode=nodownload --force-fallback-for=sgz \
	"$work/build" "$work" >"$work/log" || {
	cat "$work/log"
	exit 1
}
"$@" compile -C "$work/build" >"$work/log" 2>&1 || {
	cat "$work/log"
	exit 1
}
"$work/build/consumer"
