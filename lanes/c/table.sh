#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# Finds the lessons of the C lane, and writes its table. The folders are the
# list: nobody keeps another.
#
#   table.sh list LESSONS             the lessons that have a c.c, one a line
#   table.sh check LESSONS NAME...    fail unless these are they
#   table.sh table LESSONS OUT DEPFILE NAME...
#                                     check, then write the table to OUT
set -eu

list() {
	for source in "$1"/[0-9][0-9]-*/c.c; do
		[ -f "$source" ] || continue
		folder=${source%/c.c}
		printf '%s\n' "${folder##*/}"
	done
}

check() {
	lessons=$1
	shift
	there=$(list "$lessons")
	built=$(if [ $# -gt 0 ]; then printf '%s\n' "$@"; fi)
	[ "$there" = "$built" ] && return
	echo "The lessons in $lessons are not those of this build." >&2
	echo "Look again with: meson setup --reconfigure BUILD-FOLDER" >&2
	exit 1
}

# What ninja has to watch: a folder changes when something is added to it.
depfile() {
	printf '%s:' "$1"
	for folder in "$lessons" "$lessons"/[0-9][0-9]-*/; do
		printf ' %s' "$(printf %s "${folder%/}" | sed 's/[ #]/\\&/g')"
	done
	echo
}

identifier() {
	printf 'lesson_%s' "$(printf %s "$1" | tr -c 'A-Za-z0-9' _)"
}

# A C string's contents.
quoted() {
	printf %s "$1" | sed 's/[\\"]/\\&/g'
}

table() {
	echo '/* Written by lanes/c/table.sh from the folders of the lessons. */'
	echo '#include <ferrule/lane.h>'
	for name in "$@"; do
		printf '\nvoid\n%s(struct ferrule_recorder *rec,\n\t%s\n' \
			"$(identifier "$name")" 'const struct ferrule_input *in);'
	done
	printf '\nstatic const struct ferrule_lesson lessons[] = {\n'
	for name in "$@"; do
		printf '\t{ "%s", "%s",\n\t  %s },\n' "$(quoted "$name")" \
			"$(quoted "$lessons/$name/c.c")" "$(identifier "$name")"
	done
	cat <<'END'
};

static const struct ferrule_lane lane = {
	.abi = FERRULE_ABI,
	.order = 0,
	.name = "c",
	.title = "C",
	.lesson_count = sizeof(lessons) / sizeof(lessons[0]),
	.lessons = lessons,
};

__attribute__((visibility("default"))) const struct ferrule_lane *
ferrule_lane(const struct ferrule_host *host)
{
	return host->abi == FERRULE_ABI ? &lane : NULL;
}
END
}

verb=$1
lessons=$2
shift 2
case $verb in
list) list "$lessons" ;;
check) check "$lessons" "$@" ;;
table)
	out=$1
	deps=$2
	shift 2
	check "$lessons" "$@"
	depfile "$out" >"$deps"
	table "$@" >"$out"
	;;
esac
