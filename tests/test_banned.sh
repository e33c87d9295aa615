#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# libsgz takes memory from an allocator alone: what bypasses it does not compile
# beside internal.h. $1 is the source folder, the rest is the compiler. TAP.
set -u

source=$1
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
count=0
failed=0

# try WANTED NAME BODY COMPILER...
try() {
	wanted=$1
	name=$2
	body=$3
	shift 3
	count=$((count + 1))
	{
		echo '#include "internal.h"'
		echo 'void *test(void *ptr);'
		echo "void *test(void *ptr) { $body }"
	} >"$work/test.c"
	status=compiles
	"$@" -std=c11 -D_GNU_SOURCE -I"$source/csrc" -I"$source/csrc/include" \
		-fsyntax-only "$work/test.c" >"$work/log" 2>&1 ||
		status='does not compile'
	if [ "$status" = "$wanted" ]; then
		echo "ok $count - $name $wanted"
	else
		echo "not ok $count - $name $status"
		sed 's/^/# /' "$work/log"
		failed=$((failed + 1))
	fi
}

try compiles nothing 'return ptr;' "$@"
try compiles sgz_alloc 'sgz_free(ptr); return sgz_alloc(1);' "$@"
for call in 'malloc(1)' 'calloc(1, 1)' 'realloc(ptr, 1)' 'strdup(ptr)' \
	'strndup(ptr, 1)'; do
	try 'does not compile' "${call%%(*}" "return $call;" "$@"
done
for call in 'free(ptr)' 'asprintf(ptr, "")' 'getline(ptr, ptr, ptr)'; do
	try 'does not compile' "${call%%(*}" "$call; return ptr;" "$@"
done
echo "1..$count"
[ "$failed" -eq 0 ]
