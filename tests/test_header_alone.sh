#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# Compile one header and nothing else: HEADER INCLUDE-DIR STANDARD COMPILER...
set -eu

header=$1
include=$2
standard=$3
shift 3

case $standard in
c++*)
	# the one thing that C++ has only as an extension
	set -- "$@" -x c++ -Wno-pedantic
	;;
*)
	set -- "$@" -x c -Wpedantic -Wstrict-prototypes
	;;
esac

printf '#include <%s>\n#include <%s>\n' "${header#"$include"/}" \
	"${header#"$include"/}" |
	"$@" "-std=$standard" -Wall -Wextra -Wshadow -Wundef -Werror \
		-fsyntax-only -I "$include" -
