#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# Lesson 15: a generic function behind a C callback is one function for each
# type in the lane. $1 is nm, $2 the lane of handwritten bindings. TAP.
set -u

nm=$1
lane=$2
count=0
failed=0

# has WANTED NAME: so many functions have this name in the module `order`.
# Each scheme of mangling writes the length of a name before it.
has() {
	count=$((count + 1))
	found=$("$nm" "$lane" | grep -c "5order${#2}$2[^a-z_]")
	if [ "$found" -eq "$1" ]; then
		echo "ok $count - $2: $found"
	else
		echo "not ok $count - $2: $found, and not $1"
		failed=$((failed + 1))
	fi
}

has 2 compare
has 1 compare_key
has 3 call
echo "1..$count"
exit "$failed"
