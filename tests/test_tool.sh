#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# The sgz command, from outside: $1 is the program to run, $2 a folder of plugins
# for tests, and $3, which may be empty, what to preload for a file system without
# O_TMPFILE. Prints TAP.
set -u

case $1 in
/*) sgz=$1 ;;
*) sgz=$PWD/$1 ;;
esac
plugins=$2
no_tmpfile=${3:-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
count=0
failed=0

# LD_PRELOAD parts its files at spaces, which a build folder may have.
if [ -n "$no_tmpfile" ]; then
	cp "$no_tmpfile" "$work/no_tmpfile.so" || exit 1
	no_tmpfile=$work/no_tmpfile.so
fi

# Each test is a function that runs in a fresh directory, as `set -e` has it.
run() {
	count=$((count + 1))
	rm -rf "$work/dir"
	mkdir "$work/dir"
	# not in a condition, where `set -e` has no effect
	(
		cd "$work/dir"
		set -eu
		"$1"
	) >"$work/log" 2>&1
	status=$?
	if [ "$status" -eq 0 ]; then
		echo "ok $count - $1"
	else
		echo "not ok $count - $1"
		sed 's/^/# /' "$work/log"
		failed=$((failed + 1))
	fi
}

# "$@" exits with the status that comes first, with its messages in ./err.
exits() {
	wanted=$1
	shift
	status=0
	"$@" 2>err || status=$?
	cat err >&2
	if [ "$status" -ne "$wanted" ]; then
		echo "exit $status, not $wanted: $*" >&2
		exit 1
	fi
}

# A text of some blocks.
text() {
	seq 1 60000
}

# The names in the directory but those of the tests' own.
names() {
	find . -mindepth 1 -maxdepth 1 ! -name err | sed 's|^\./||' |
		LC_ALL=C sort | tr '\n' ' '
}

# `set -e` does not look at a `!` command.
differs() {
	if cmp -s "$1" "$2"; then
		exit 1
	fi
}

compresses_and_removes_the_input() {
	text >a
	cp a copy
	"$sgz" a
	[ "$(names)" = 'a.gz copy ' ]
	gzip -t a.gz
	"$sgz" -d a.gz
	[ "$(names)" = 'a copy ' ]
	cmp a copy
}

keeps_the_input_if_told_to() {
	text >a
	cp a copy
	"$sgz" -k a
	"$sgz" --keep --decompress --force a.gz
	[ "$(names)" = 'a a.gz copy ' ]
	cmp a copy
	"$sgz" -c a >b.gz
	"$sgz" -dc b.gz >b
	cmp b copy
	[ "$(names)" = 'a a.gz b b.gz copy ' ]
}

filters_standard_input() {
	text >a
	"$sgz" <a >a.gz
	"$sgz" -d <a.gz | cmp - a
	"$sgz" - <a | cmp - a.gz
	text | "$sgz" | cat | "$sgz" -d | cmp - a
	"$sgz" </dev/null | "$sgz" -d | cmp - /dev/null
}

takes_every_level() {
	text >a
	for level in -1 0 1 2 3 4 5 6 7 8 9; do
		"$sgz" -c -l "$level" a >a.gz
		gzip -dc a.gz | cmp - a
	done
	"$sgz" --help >a
	"$sgz" -c -l 1 a >1.gz
	"$sgz" --compress-level=9 --stdout a >9.gz
	[ "$(wc -c <9.gz)" -lt "$(wc -c <1.gz)" ]
}

does_not_overwrite() {
	text >a
	"$sgz" -k a
	echo precious >a.gz
	exits 1 "$sgz" -k a </dev/null
	grep -q '^sgz: a.gz: .*exists' err
	[ "$(cat a.gz)" = precious ]
	"$sgz" -k -f a
	gzip -t a.gz
	echo precious >a
	exits 1 "$sgz" -d a.gz </dev/null
	grep -q '^sgz: a: .*exists' err
	[ "$(cat a)" = precious ]
	[ "$(names)" = 'a a.gz ' ]
	# a link that leads nowhere is something, too
	rm a
	ln -s nowhere a
	exits 1 "$sgz" -d a.gz </dev/null
	[ -L a ]
	[ "$(names)" = 'a a.gz ' ]
}

does_not_overwrite_an_index() {
	text >a
	echo precious >a.gz.gzi
	exits 1 "$sgz" -k -i a </dev/null
	[ "$(names)" = 'a a.gz.gzi ' ]
	"$sgz" -k a
	# what is called as an index is, or looks like one, can be made again
	"$sgz" -r a.gz </dev/null
	cp a.gz.gzi good
	cp good other
	"$sgz" -r -I other a.gz </dev/null
	cmp other good
	echo precious >other
	exits 1 "$sgz" -r -I other a.gz </dev/null
	[ "$(cat other)" = precious ]
}

keeps_mode_and_times() {
	text >a
	chmod 640 a
	touch -d '2001-02-03 04:05:06.789' a
	stat -c '%a %Y %y' a >wanted
	"$sgz" a
	stat -c '%a %Y %y' a.gz | cmp - wanted
	"$sgz" -d a.gz
	stat -c '%a %Y %y' a | cmp - wanted
}

takes_several_files() {
	text >a
	echo b >b
	cp a copy
	exits 1 "$sgz" a missing b
	grep -q '^sgz: missing: ' err
	# the others went on
	[ "$(names)" = 'a.gz b.gz copy ' ]
	"$sgz" -dc b.gz a.gz >both
	(echo b && cat copy) | cmp - both
	"$sgz" -d a.gz b.gz
	cmp a copy
}

knows_suffixes() {
	echo x >a
	"$sgz" -c a >a.gz
	cp a.gz b.bgz
	cp a.gz C.GZ
	cp a.gz none
	cp a.gz .gz
	"$sgz" -d b.bgz C.GZ
	cmp b a
	cmp C a
	exits 1 "$sgz" -d none
	grep -q '^sgz: none: ' err
	exits 1 "$sgz" -d .gz
	"$sgz" -dc none | cmp - a
}

refuses_what_is_no_file() {
	mkdir dir dir.gz
	exits 1 "$sgz" dir
	grep -q '^sgz: dir: is a directory' err
	exits 1 "$sgz" -d dir.gz
	exits 1 "$sgz" -t dir.gz
	exits 1 "$sgz" missing
	mkfifo fifo
	exits 1 timeout 10 "$sgz" fifo
	grep -q '^sgz: fifo: ' err
	exits 1 "$sgz" /dev/null
	echo x >file
	mkdir file.gz
	exits 1 "$sgz" -f file
	[ "$(names)" = 'dir dir.gz fifo file file.gz ' ]
}

tests_integrity() {
	text >a
	"$sgz" -k a
	"$sgz" -t a.gz
	"$sgz" --test <a.gz
	[ "$(names)" = 'a a.gz ' ]
	head -c 50000 a.gz >cut.gz
	exits 1 "$sgz" -t cut.gz a.gz
	grep -q '^sgz: cut.gz: at byte 50000: ' err
	(cat a.gz && echo garbage) >more.gz
	exits 1 "$sgz" -t more.gz
	grep -q '^sgz: more.gz: at byte [0-9]*: ' err
	exits 1 "$sgz" -t a
	exits 1 "$sgz" -t /dev/null
}

leaves_nothing_after_a_failure() {
	text >a
	"$sgz" a
	head -c 50000 a.gz >short.gz
	exits 1 "$sgz" -d short.gz
	[ "$(names)" = 'a.gz short.gz ' ]
	echo precious >short
	exits 1 "$sgz" -df short.gz
	[ "$(cat short)" = precious ]
	[ "$(names)" = 'a.gz short short.gz ' ]
	# a pipe gets what came before the failure
	exits 1 "$sgz" -dc short.gz >part
	[ "$(wc -c <part)" -gt 60000 ]
	text | head -c "$(wc -c <part)" | cmp - part
}

seeks() {
	text >a
	"$sgz" -k a
	size=$(wc -c <a)
	for index in without with; do
		for offset in 0 1 65279 65280 65281 200000 "$size"; do
			tail -c "+$((offset + 1))" a >wanted
			"$sgz" -b "$offset" a.gz | cmp - wanted
			head -c 1000 wanted >less
			"$sgz" -b "$offset" -s 1000 a.gz | cmp - less
			"$sgz" --offset "$offset" --size 0 a.gz |
				cmp - /dev/null
		done
		if [ "$index" = without ]; then
			"$sgz" -r a.gz
		fi
	done
	"$sgz" -s 70000 a.gz >got
	head -c 70000 a | cmp - got
	"$sgz" -b 100000 -s 10 <a.gz >got
	tail -c +100001 a | head -c 10 | cmp - got
	# from a pipe, which can only go forward
	cat a.gz | "$sgz" -b 100000 -s 10 | cmp - got
	exits 1 "$sgz" -b "$((size + 1))" a.gz
	[ -e a.gz ]
}

seeks_by_an_index_that_is_named() {
	text >a
	"$sgz" -k -i -I index a
	[ "$(names)" = 'a a.gz index ' ]
	"$sgz" -b 100000 -s 10 -I index a.gz >got
	tail -c +100001 a | head -c 10 | cmp - got
	exits 1 "$sgz" -b 100000 -I missing a.gz
	grep -q '^sgz: missing: ' err
}

says_that_an_index_lies() {
	text >a
	"$sgz" -k -i a
	head -c 20 a.gz.gzi >short
	exits 1 "$sgz" -b 5 -I short a.gz
	grep -q '^sgz: short: at byte [0-9]*: ' err
	printf '\377\377\377\377\377\377\377\037' >huge
	exits 1 "$sgz" -b 5 -I huge a.gz
	grep -q '^sgz: huge: at byte [0-9]*: ' err
}

makes_the_same_index_in_each_way() {
	text >a
	"$sgz" -k -i a
	cp a.gz b.gz
	"$sgz" -r b.gz
	cmp a.gz.gzi b.gz.gzi
	"$sgz" --reindex --index-name c.gzi b.gz
	cmp a.gz.gzi c.gzi
	"$sgz" -r -t -I d.gzi b.gz
	cmp a.gz.gzi d.gzi
	"$sgz" -i -I e.gzi <a >e.gz
	cmp a.gz.gzi e.gzi
	"$sgz" -c -i -I f.gzi a >f.gz
	cmp a.gz.gzi f.gzi
	"$sgz" -r -I g.gzi <a.gz
	cmp a.gz.gzi g.gzi
	gzip -c a >plain.gz
	exits 1 "$sgz" -r plain.gz
	[ ! -e plain.gz.gzi ]
}

rejects_wrong_usage() {
	echo x >a
	"$sgz" -k a
	for wrong in -z --wrong '-l 13' '-l -2' '-l x' '-l' '-b x' '-b -1' \
		'-s -1' '-b 99999999999999999999' '-i -d' '-i -t' '-r -d' \
		'-r -b 1' '-t -s 1' '-I x' '-b' '-s' '-I'; do
		# shellcheck disable=SC2086 # options are words
		exits 2 "$sgz" $wrong a.gz </dev/null
		grep -q 'sgz' err
	done
	exits 2 "$sgz" -i <a
	exits 2 "$sgz" -i -c a
	exits 2 "$sgz" -r <a.gz
	exits 2 "$sgz" -r -I x a.gz a.gz
	[ "$(names)" = 'a a.gz ' ]
}

helps() {
	"$sgz" --help >help
	for option in -b -c -d -f -g -h -i -I -k -l -o -r -s -t -@ --binary \
		--require-eof --ranges --cache --codec --version; do
		grep -q -e " $option" help
	done
	[ "$(wc -L <help)" -le 80 ]
	"$sgz" -h | cmp - help
	"$sgz" --version | grep -q '^sgz [0-9]*\.[0-9]*\.[0-9]*'
}

uses_the_codec_named() {
	text >a
	"$sgz" -c a >default.gz
	for codec in zlib "$plugins/whole.so"; do
		for threads in 1 3; do
			"$sgz" --codec "$codec" -@ $threads -c a >a.gz
			gzip -dc a.gz | cmp - a
			if command -v bgzip >/dev/null; then
				bgzip -dc a.gz | cmp - a
			fi
			"$sgz" --codec "$codec" -@ $threads -dc a.gz | cmp - a
			"$sgz" --codec "$codec" -b 1000 -s 10 a.gz >part
			tail -c +1001 a | head -c 10 | cmp - part
		done
	done
	# this one only stores
	[ "$(wc -c <a.gz)" -gt "$(wc -c <a)" ]
	"$sgz" --codec "$plugins/whole.so" -t a.gz
	# it cannot unpack what others packed: it is to blame, not the file
	exits 1 "$sgz" --codec "$plugins/whole.so" -t default.gz
	grep -q 'the codec stored is wrong' err
	# by name, in the folder that the environment says
	mkdir folder
	cp "$plugins/whole.so" folder/mine.so
	SGZ_CODEC_PATH=$PWD/folder "$sgz" --codec mine -c a | cmp - a.gz
}

refuses_what_is_no_codec() {
	text >a
	echo text >text.so
	for codec in none ./none.so ./text.so "$plugins/fault_abi.so"; do
		SGZ_CODEC_PATH=. exits 1 "$sgz" --codec "$codec" a
		grep -q '^sgz: codec: .*\.so: ' err
		[ "$(wc -l <err)" -eq 1 ]
	done
	exits 2 "$sgz" --codec
	[ "$(names)" = 'a text.so ' ]
}

lists_codecs() {
	cp "$plugins/whole.so" b.so
	echo text >a.so
	echo text >a.txt
	SGZ_CODEC_PATH=. "$sgz" --version >list
	grep -q '^codec zlib [0-9.]* (built in' list
	grep -q '^codec stored 1.0 (./b.so)$' list
	grep -q '^not a codec: ./a.so: .*not a shared object' list
	[ "$(grep -c 'built in, the default' list)" -eq 1 ]
	[ "$(grep -c 'a.txt' list)" -eq 0 ]
	# without such a folder
	SGZ_CODEC_PATH=/nonexistent "$sgz" --version | grep -q '^codec zlib'
}

reports_a_full_disk() {
	text >a
	cp a copy
	"$sgz" -c a >small.gz
	if [ -c /dev/full ]; then
		exits 1 "$sgz" -c a >/dev/full
		grep -q '^sgz: ' err
		exits 1 "$sgz" -dc small.gz >/dev/full
		grep -q '^sgz: ' err
	fi
	# blocks of 512 or 1024 bytes: too small in either
	exits 1 sh -c 'ulimit -f 8; exec "$@"' sh "$sgz" a
	grep -q '^sgz: a.gz: ' err
	exits 1 sh -c 'ulimit -f 8; exec "$@"' sh "$sgz" -d small.gz
	grep -q '^sgz: small: ' err
	echo precious >a.gz
	exits 1 sh -c 'ulimit -f 8; exec "$@"' sh "$sgz" -f a
	[ "$(cat a.gz)" = precious ]
	cmp a copy
	[ "$(names)" = 'a a.gz copy small.gz ' ]
}

dies_quietly_with_its_reader() {
	seq 1 2000000 >a
	"$sgz" -k a
	"$sgz" -dc a.gz 2>quiet | head -c 10 >/dev/null
	cmp quiet /dev/null
	(
		status=0
		"$sgz" -dc a.gz || status=$?
		echo "$status" >status
	) | head -c 10 >/dev/null
	# SIGPIPE
	[ "$(cat status)" -eq 141 ]
}

reports_closed_descriptors() {
	text >a
	cp a copy
	exits 1 "$sgz" -c a >&-
	exits 1 "$sgz" -d <&-
	"$sgz" -k a <&- >&- 2>&-
	"$sgz" -dc a.gz | cmp - copy
	cmp a copy
}

# Does process $1 write a file that has no name yet, or a temporary one?
is_writing() {
	ls .*.sgz-* >/dev/null 2>&1 ||
		find "/proc/$1/fd" -lname '*(deleted)' 2>/dev/null | grep -q .
}

# Run "$@" with the signals that a shell has its background jobs ignore, and with
# the one that nohup ignores.
with_signals() {
	exec python3 -c 'import os, signal, sys
for one in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGPIPE):
    signal.signal(one, signal.SIG_DFL)
os.execvp(sys.argv[1], sys.argv[1:])' "$@"
}

# Send $1 to the rest while it works.
interrupted() {
	signal=$1
	shift
	with_signals "$@" &
	child=$!
	for _ in $(seq 1 1500); do
		if is_writing "$child"; then
			break
		fi
		sleep 0.02
	done
	is_writing "$child"
	kill "-$signal" "$child"
	status=0
	wait "$child" || status=$?
	[ "$status" -gt 128 ]
}

leaves_nothing_after_a_signal() {
	truncate -s 3G big
	for signal in TERM QUIT KILL ALRM; do
		interrupted "$signal" "$sgz" -k big
		[ "$(names)" = 'big ' ]
	done
	interrupted HUP "$sgz" big
	[ "$(names)" = 'big ' ]
	echo precious >big.gz
	interrupted TERM "$sgz" -f big
	interrupted KILL "$sgz" -f -i big
	[ "$(cat big.gz)" = precious ]
	[ "$(names)" = 'big big.gz ' ]
	rm big.gz
	truncate -s 64M big
	"$sgz" -l 1 big
	for _ in 1 2 3 4 5; do
		cat big.gz big.gz >twice
		mv twice big.gz
	done
	interrupted QUIT "$sgz" -d big.gz
	[ "$(names)" = 'big.gz ' ]
}

writes_ranges() {
	text >a
	"$sgz" -i -k a
	printf '100 5\n# a comment\n\n300000 7 # of the last block\n0 3\r\n' >list
	{
		tail -c +101 a | head -c 5
		tail -c +300001 a | head -c 7
		head -c 3 a
	} >wanted
	for cache in 0 1 1000000 99999999999999999; do
		"$sgz" --ranges list --cache "$cache" a.gz | cmp - wanted
	done
	"$sgz" --ranges - a.gz <list | cmp - wanted
	"$sgz" --ranges list -o out a.gz
	cmp out wanted
	# the last range goes beyond the end, one is beyond it, one is all
	size=$(stat -c %s a)
	printf '%s 100\n99999999 1\n0 %s\n' $((size - 3)) "$size" >list
	{ tail -c 3 a && cat a; } >wanted
	"$sgz" --ranges list a.gz | cmp - wanted
	# without an index one is built, and a wrong one is not used
	rm a.gz.gzi
	"$sgz" --ranges list a.gz | cmp - wanted
	echo x >a.gz.gzi
	"$sgz" --ranges list a.gz 2>err | cmp - wanted
	grep -q 'is not used' err
	exits 1 "$sgz" --ranges list -I a.gz.gzi a.gz
	rm a.gz.gzi
	# a fault names its line, and nothing is left behind
	for fault in '5' 'x 5' '5 x' '5 5 5' '-1 5' '5 -5' \
		'99999999999999999999 1'; do
		printf '1 1\n%s\n' "$fault" >list
		exits 1 "$sgz" --ranges list -o none a.gz
		grep -q 'list: line 2: ' err
		[ ! -e none ]
	done
	exits 1 "$sgz" --ranges none a.gz
	gzip -c a >b.gz || return 0
	echo '0 5' >list
	exits 1 "$sgz" --ranges list b.gz
	exits 2 "$sgz" --ranges list a.gz a.gz
	exits 2 "$sgz" --ranges list -b 5 a.gz
	exits 2 "$sgz" --ranges list -s 5 a.gz
	exits 2 "$sgz" --ranges - <list
	exits 2 "$sgz" --ranges - -I - a.gz
	exits 2 "$sgz" --cache 5 a.gz
	exits 2 "$sgz" --cache x --ranges list a.gz
}

works_with_several_threads() {
	text >a
	for _ in 1 2 3 4; do
		cat a a >b
		mv b a
	done
	for level in 0 1 6; do
		"$sgz" -c -l "$level" a >alone.gz
		for threads in 0 1 2 5; do
			"$sgz" -c -@ "$threads" -l "$level" a >b.gz
			cmp alone.gz b.gz
			"$sgz" -dc -@ "$threads" b.gz | cmp - a
			"$sgz" -t -@ "$threads" b.gz
		done
	done
	"$sgz" -@ 3 -i -k a
	"$sgz" -@ 3 -b 100000 -s 1000 a.gz >part
	tail -c +100001 a | head -c 1000 | cmp - part
	exits 2 "$sgz" -@ 257 -k -f a
	exits 2 "$sgz" -@ x -k -f a
}

# Whenever it is killed, the file is the former one or the new one.
replaces_a_file_or_does_not_when_it_is_killed() {
	text >a
	for _ in 1 2 3 4 5 6; do
		cat a a >b
		mv b a
	done
	"$sgz" -c a >whole.gz
	for i in $(seq 1 "${SGZ_TEST_KILLS:-10}"); do
		echo precious >a.gz
		"$sgz" -@ 2 -k -f a &
		child=$!
		sleep "0.$(printf %03d $((i * 37 % 80)))"
		kill -KILL "$child" 2>/dev/null || true
		wait "$child" || true
		[ "$(cat a.gz)" = precious ] || cmp a.gz whole.gz
		[ "$(names)" = 'a a.gz err whole.gz ' ] ||
			[ "$(names)" = 'a a.gz whole.gz ' ]
	done
}

leaves_nothing_where_a_new_file_has_a_name() {
	[ -n "$no_tmpfile" ] || return 0
	truncate -s 3G big
	# the one signal that nobody catches, and the only trace that is left
	interrupted KILL env LD_PRELOAD="$no_tmpfile" "$sgz" -k big
	ls .big.gz.sgz-??????
	rm .big.gz.sgz-??????
	for signal in TERM QUIT PIPE USR1; do
		interrupted "$signal" env LD_PRELOAD="$no_tmpfile" \
			"$sgz" -k -i big
		[ "$(names)" = 'big ' ]
	done
	# a complaint that nobody hears: its signal must not leave a file
	text >a
	"$sgz" a
	head -c 50000 a.gz >short.gz
	(
		LD_PRELOAD=$no_tmpfile "$sgz" -d short.gz 2>&1 || true
	) | true
	[ "$(names)" = 'a.gz big short.gz ' ]
	text >a
	cp a copy
	LD_PRELOAD=$no_tmpfile "$sgz" -f -i a
	"$sgz" -dc a.gz | cmp - copy
	[ "$(names)" = 'a.gz a.gz.gzi big copy short.gz ' ]
}

# The names here, what they lead to, and what is in them.
picture() {
	find . ! -name err | LC_ALL=C sort | while read -r name; do
		if [ -L "$name" ]; then
			echo "$name -> $(readlink "$name")"
		elif [ -f "$name" ]; then
			echo "$name $(cksum <"$name")"
		else
			echo "$name"
		fi
	done
}

# The rest is refused, since two of its files are one, and changes nothing.
refuses_one_file() {
	before=$(picture)
	exits 1 "$@" </dev/null
	grep -q 'are the same file' err
	[ "$(picture)" = "$before" ]
}

never_writes_over_what_it_reads() {
	text >F
	"$sgz" -k -i F
	"$sgz" -c F >G.gz
	text >plain
	ln -s . here
	ln -s F.gz to-output
	ln plain same
	ln -s plain to-plain
	ln G.gz other.gz
	rm F.gz
	# the index over what will be the output, which is not there yet
	refuses_one_file "$sgz" -i -I F.gz F
	refuses_one_file "$sgz" -f -i -I F.gz F
	refuses_one_file "$sgz" -i -I ./F.gz F
	refuses_one_file "$sgz" -i -I here/here/F.gz F
	refuses_one_file "$sgz" -i -I "$PWD/F.gz" F
	refuses_one_file "$sgz" -i -I to-output F
	refuses_one_file "$sgz" -i -I F.gz ./here/F
	refuses_one_file "$sgz" -i -I out -o out F
	# the index over the input
	refuses_one_file "$sgz" -f -i -I F F
	refuses_one_file "$sgz" -f -i -I here/F F
	refuses_one_file "$sgz" -f -i -I same plain
	refuses_one_file "$sgz" -f -i -I to-plain plain
	refuses_one_file "$sgz" -r -f -I G.gz G.gz
	refuses_one_file "$sgz" -r -f -I other.gz G.gz
	# shellcheck disable=SC2016 # for that shell to expand
	refuses_one_file sh -c 'exec "$1" -r -I G.gz <G.gz' sh "$sgz"
	# the output over an input
	refuses_one_file "$sgz" -o F F
	refuses_one_file "$sgz" -o here/F plain F
	refuses_one_file "$sgz" -d -o G.gz G.gz
	refuses_one_file "$sgz" -d -f -o other.gz G.gz
	# shellcheck disable=SC2016 # for that shell to expand
	refuses_one_file sh -c 'exec "$1" -o F <F' sh "$sgz"
	# shellcheck disable=SC2016 # for that shell to expand
	refuses_one_file sh -c 'exec "$1" -c F >>F' sh "$sgz"
	# shellcheck disable=SC2016 # for that shell to expand
	refuses_one_file sh -c 'exec "$1" <F >>F' sh "$sgz"
	# shellcheck disable=SC2016 # for that shell to expand
	refuses_one_file sh -c 'exec "$1" -dc G.gz >>G.gz' sh "$sgz"
	ln -s F F.gz
	refuses_one_file "$sgz" -f F
	# over an index that is read
	refuses_one_file "$sgz" -g -I F.gz.gzi -o F.gz.gzi plain
	refuses_one_file "$sgz" -b 5 -I F.gz.gzi -o here/F.gz.gzi G.gz
	cp F.gz.gzi G.gz.gzi
	refuses_one_file "$sgz" -b 5 -o G.gz.gzi G.gz
	# two devices are no two files
	"$sgz" -k -i -o /dev/null -I /dev/null plain
}

checks_the_index_before_it_compresses() {
	text >a
	cp a copy
	mkdir dir
	for index in missing/index dir; do
		exits 1 "$sgz" -i -I "$index" a
		grep -q "^sgz: $index" err
		[ "$(names)" = 'a copy dir ' ]
		cmp a copy
	done
	"$sgz" -k a
	exits 1 "$sgz" -r -I missing/index a.gz
	exits 1 "$sgz" -r -I dir a.gz
	# a full disk for the index alone: the input stays
	if [ -c /dev/full ]; then
		exits 1 "$sgz" -f -i -I /dev/full a
		cmp a copy
	fi
}

reads_links_only_if_told_to() {
	text >file
	cp file copy
	mkdir dir
	ln -s ../file dir/link
	exits 1 "$sgz" dir/link
	grep -q '^sgz: dir/link: is a symbolic link: use -f' err
	exits 1 "$sgz" -k dir/link
	[ "$(ls dir)" = link ]
	"$sgz" -c dir/link | "$sgz" -d | cmp - file
	"$sgz" -o out dir/link
	[ -L dir/link ]
	"$sgz" -f dir/link
	[ "$(ls dir)" = link.gz ]
	cmp file copy
	"$sgz" -dc dir/link.gz | cmp - file
	# and back
	mv dir/link.gz real.gz
	ln -s ../real.gz dir/link.gz
	exits 1 "$sgz" -d dir/link.gz
	"$sgz" -d -f dir/link.gz
	[ "$(ls dir)" = link ]
	cmp dir/link file
	[ -f real.gz ]
	# a link that only looks like a file of ours: a descriptor
	ln -s /proc/self/fd/0 in
	ln -s in again
	for name in in again; do
		exits 1 "$sgz" "$name" <file
		exits 1 "$sgz" -f "$name" <file
		grep -q 'use -c' err
		[ -L "$name" ]
		[ ! -e "$name.gz" ]
		"$sgz" -c "$name" <file >packed
		"$sgz" -d <packed | cmp - file
	done
}

never_removes_what_is_no_file() {
	text >file
	mkfifo fifo
	exits 1 timeout 10 "$sgz" fifo
	cat file >fifo &
	timeout 10 "$sgz" -f fifo
	wait
	[ -p fifo ]
	"$sgz" -dc fifo.gz | cmp - file
	mkfifo fifo2.gz
	"$sgz" -c file >fifo2.gz &
	timeout 10 "$sgz" -d -f fifo2.gz
	wait
	[ -p fifo2.gz ]
	cmp fifo2 file
	# nor as an output
	mkfifo file.gz
	exits 1 timeout 10 "$sgz" -f file
	[ -p file.gz ]
	[ -f file ]
	# a device that only root can make, and remove
	if mknod null c 1 3 2>/dev/null; then
		exits 1 "$sgz" null
		if (: <null) 2>/dev/null; then
			"$sgz" -f null
		fi
		[ -c null ]
	fi
}

# Start the rest, and go on while it works, with its number in $child.
working() {
	"$@" 2>err &
	child=$!
	for _ in $(seq 1 1000); do
		if is_writing "$child"; then
			return
		fi
		sleep 0.01
	done
	exit 1
}

keeps_an_input_that_changed() {
	truncate -s 150M big
	working "$sgz" -l 9 big
	echo more >>big
	status=0
	wait "$child" || status=$?
	[ "$status" -eq 1 ]
	grep -q '^sgz: big: has changed' err
	[ "$(wc -c <big)" -eq 157286405 ]
	# another file under the name is not the one that was opened
	rm -f big big.gz
	truncate -s 150M big
	echo precious >other
	working "$sgz" -l 9 big
	mv other big
	status=0
	wait "$child" || status=$?
	[ "$status" -eq 1 ]
	[ "$(cat big)" = precious ]
}

warns_that_the_end_is_missing() {
	text >a
	"$sgz" -k a
	size=$(wc -c <a.gz)
	head -c "$((size - 28))" a.gz >cut.gz
	for option in -t -dc -r '-r -t'; do
		# shellcheck disable=SC2086 # options are words
		exits 0 "$sgz" $option cut.gz >got
		grep -q '^sgz: cut.gz: no end-of-file marker' err
		# shellcheck disable=SC2086
		exits 1 "$sgz" $option --require-eof -f cut.gz >got
		grep -q '^sgz: cut.gz: .*no end-of-file marker' err
	done
	exits 0 "$sgz" -d -k -o got cut.gz
	cmp got a
	cat cut.gz | "$sgz" -d >got 2>err
	cmp got a
	grep -q 'no end-of-file marker' err
	# only a last member that is a block wants the marker
	gzip -c a >plain.gz
	cat cut.gz plain.gz >mixed.gz
	"$sgz" -dc --require-eof mixed.gz >got
	cat a a | cmp - got
	cat plain.gz cut.gz >mixed.gz
	exits 1 "$sgz" -t --require-eof mixed.gz
	exits 0 "$sgz" -t mixed.gz
	# what is cut elsewhere is no matter of markers
	head -c "$((size - 29))" a.gz >cut.gz
	exits 1 "$sgz" -t cut.gz
}

takes_the_options_of_bgzip() {
	text >a
	"$sgz" -c a >wanted
	"$sgz" -@ 4 --binary -c a | cmp - wanted
	"$sgz" --threads=2 -k a
	cmp a.gz wanted
	exits 2 "$sgz" -@ x a
	"$sgz" -@4 -d -f a.gz
	[ "$(names)" = 'a wanted ' ]
}

writes_to_the_output_named() {
	text >a
	chmod 640 a
	cp a b
	"$sgz" a -o out.gz
	[ "$(names)" = 'a b out.gz ' ]
	[ "$(stat -c %a out.gz)" = 640 ]
	"$sgz" -d out.gz --output=back
	cmp a back
	# over what is there, as a whole
	echo old >back
	exits 1 "$sgz" -d -o back a
	[ "$(cat back)" = old ]
	"$sgz" -d -o back out.gz
	cmp a back
	# several become one, with one end and one index
	"$sgz" -i -I index -o both.gz a b
	cat a b >both
	"$sgz" -dc both.gz | cmp - both
	"$sgz" -r -I again both.gz
	cmp index again
	"$sgz" -d -o back out.gz both.gz
	cat a both | cmp - back
	exits 1 "$sgz" -o back a missing b
	cat a both | cmp - back
	"$sgz" -i -o both.gz a
	cmp both.gz out.gz
	[ -f both.gz.gzi ]
	"$sgz" -b 7 -s 5 -o back out.gz
	tail -c +8 a | head -c 5 | cmp - back
	"$sgz" -o - a | cmp - out.gz
	"$sgz" -o /dev/stdout a | cmp - out.gz
	# through a link, which stays
	ln -s back link
	"$sgz" -o link a
	cmp back out.gz
	[ -L link ]
	exits 2 "$sgz" -c -o x a
	exits 2 "$sgz" -t -o x a
	exits 2 "$sgz" -r -o x a
	exits 1 "$sgz" -o missing/x a
	exits 1 "$sgz" -o . a
	cmp a b
}

cuts_blocks_by_an_index() {
	text >a
	for size in 1000 65280 65536; do
		rm -f parts
		for at in 0 1 2 3; do
			tail -c "+$((at * size + 1))" a | head -c "$size" |
				"$sgz" -c >part
			# without the end marker
			head -c "$(($(wc -c <part) - 28))" part >>parts
		done
		if [ "$size" -eq 65536 ]; then
			# more than one of our blocks
			continue
		fi
		head -c "$((size * 4))" a >front
		tail -c 28 part >>parts
		"$sgz" -r -I index parts
		"$sgz" -g -I index -c front | cmp - parts
		"$sgz" --rebgzip -I - -o got front <index
		cmp got parts
		# more data than the index knows goes into more blocks
		"$sgz" -g -I index -c a | "$sgz" -d | cmp - a
		# as much as leads to its last block, which is empty then
		head -c "$((size * 3))" a >less
		"$sgz" -g -I index -c less | "$sgz" -d | cmp - less
		# less is an error, and nothing is written
		head -c "$((size * 3 - 1))" a >less
		exits 1 "$sgz" -g -I index -o none less
		grep -q '^sgz: index: belongs to a longer file' err
		[ ! -e none ]
	done
	exits 2 "$sgz" -g a
	exits 2 "$sgz" -g -i -I index a
	exits 2 "$sgz" -g -d -I index a
	exits 1 "$sgz" -g -I missing -c a
	exits 1 "$sgz" -g -I a -c a
}

indexes_a_pipe() {
	text >a
	"$sgz" -k -i a
	cat a.gz | "$sgz" -r -I got
	cmp got a.gz.gzi
	# with empty blocks in all places
	"$sgz" </dev/null >none
	cat none a.gz none a.gz none >many.gz
	"$sgz" -r many.gz
	cat many.gz | "$sgz" -r -I - | cmp - many.gz.gzi
	head -c 8 /dev/zero >zero
	cat none | "$sgz" -r -I - | cmp - zero
	# what is no BGZF, and what is broken
	gzip -c a >plain.gz
	cat plain.gz | exits 1 "$sgz" -r -I none.gzi
	grep -q 'not a BGZF block' err
	cat a.gz plain.gz | exits 1 "$sgz" -r -I none.gzi
	head -c 5000 a.gz | exits 1 "$sgz" -r -I none.gzi
	# and into a pipe, which nobody looks into first
	mkfifo pipe
	timeout 10 cat pipe >got &
	timeout 10 "$sgz" -r -I pipe a.gz
	wait
	cmp got a.gz.gzi
	[ ! -e none.gzi ]
}

takes_a_dash_for_the_index() {
	text >a
	"$sgz" -k -i a
	mv a.gz.gzi index
	"$sgz" -r -I - a.gz | cmp - index
	"$sgz" -f -k -i -I - a | cmp - index
	"$sgz" -b 100000 -s 10 -I - a.gz <index >got
	tail -c +100001 a | head -c 10 | cmp - got
	cat index | "$sgz" -b 100000 -s 10 -I - a.gz | cmp - got
	exits 2 "$sgz" -c -i -I - a
	exits 2 "$sgz" -i -I - <a
	exits 2 "$sgz" -b 5 -I - <a.gz
	if [ -c /dev/full ]; then
		# an input stays until its index has arrived
		exits 1 "$sgz" -f -i -I - a >/dev/full
		[ -f a ]
	fi
}

# Run "$@" with descriptor $1 set not to block.
without_blocking() {
	python3 -c 'import os, sys
os.set_blocking(int(sys.argv[1]), False)
os.execv(sys.argv[2], sys.argv[2:])' "$@"
}

slowly() {
	for _ in 1 2 3 4 5; do
		sleep 0.05
		dd bs=100000 count=1 iflag=fullblock 2>/dev/null
	done
	cat
}

waits_for_what_is_not_ready() {
	text >a
	"$sgz" -k -i a
	slowly <a | without_blocking 0 "$sgz" >got
	cmp got a.gz
	slowly <a.gz | without_blocking 0 "$sgz" -d >got
	cmp got a
	slowly <a.gz.gzi | without_blocking 0 "$sgz" -b 5 -s 9 -I - a.gz >got
	tail -c +6 a | head -c 9 | cmp - got
	seq 1 300000 >big
	without_blocking 1 "$sgz" -c -l 0 big | (sleep 0.2 && cat) >got
	"$sgz" -d <got | cmp - big
	without_blocking 1 "$sgz" -d <got | (sleep 0.2 && cat) | cmp - big
}

keeps_owner_and_mode() {
	[ "$(id -u)" -eq 0 ] || return 0
	text >a
	chown 4321:8765 a
	chmod 750 a
	"$sgz" -i -k a
	"$sgz" -r -I other.gzi a.gz
	for file in a.gz a.gz.gzi other.gzi; do
		[ "$(stat -c '%u %g %a' "$file")" = '4321 8765 750' ]
	done
	"$sgz" -f -k -i a
	[ "$(stat -c '%u %g %a' a.gz)" = '4321 8765 750' ]
	# a file that is written over keeps its own
	echo old >named
	chown 12:34 named
	chmod 604 named
	"$sgz" -o named a a
	[ "$(stat -c '%u %g %a' named)" = '12 34 604' ]
	rm -f a
	"$sgz" -d a.gz
	[ "$(stat -c '%u %g %a' a)" = '4321 8765 750' ]
}

replaces_a_link_to_an_index() {
	text >a
	echo precious >elsewhere
	ln -s elsewhere a.gz.gzi
	exits 1 "$sgz" -k -i a </dev/null
	"$sgz" -k -f -i a
	[ "$(cat elsewhere)" = precious ]
	[ ! -L a.gz.gzi ]
	rm a.gz.gzi
	ln -s elsewhere a.gz.gzi
	"$sgz" -r -f a.gz
	[ "$(cat elsewhere)" = precious ]
	[ ! -L a.gz.gzi ]
}

leaves_no_index_of_another_file() {
	text >a
	"$sgz" -k -i a
	cp a.gz.gzi old
	seq 1 9 >a
	exits 0 "$sgz" -k -f a
	grep -q '^sgz: a.gz.gzi: removed' err
	[ ! -e a.gz.gzi ]
	# where there is an index, but no file any more
	rm a.gz
	cp old a.gz.gzi
	exits 0 "$sgz" -k a
	grep -q '^sgz: a.gz.gzi: removed' err
	cp old a.gz.gzi
	"$sgz" -k -f -i a
	differs a.gz.gzi old
	cp old a.gz.gzi
	exits 0 "$sgz" -o a.gz -i -I index a
	grep -q '^sgz: a.gz.gzi: removed' err
	# what is no index is nobody's
	echo precious >a.gz.gzi
	"$sgz" -k -f a
	[ "$(cat a.gz.gzi)" = precious ]
}

does_without_an_index_that_it_cannot_read() {
	text >a
	"$sgz" -k a
	echo garbage >a.gz.gzi
	tail -c +100001 a | head -c 10 >wanted
	exits 0 "$sgz" -b 100000 -s 10 a.gz >got
	cmp got wanted
	grep -q '^sgz: a.gz.gzi: .*' err
	exits 0 "$sgz" -s 10 -I a.gz.gzi a.gz >got
	head -c 10 a | cmp - got
	cat a.gz | exits 0 "$sgz" -b 100000 -s 10 -I a.gz.gzi >got
	cmp got wanted
	exits 1 "$sgz" -b 100000 -s 10 -I a.gz.gzi a.gz >got
	# a directory, and one of a longer file
	rm a.gz.gzi
	mkdir a.gz.gzi
	exits 0 "$sgz" -b 100000 -s 10 a.gz >got
	cmp got wanted
}

does_not_compress_twice() {
	text >a
	"$sgz" -c a >a.gz
	cp a.gz b.BGZ
	before=$(picture)
	exits 0 "$sgz" a.gz b.BGZ
	grep -q '^sgz: a.gz: .*is skipped' err
	grep -q '^sgz: b.BGZ: .*is skipped' err
	exits 0 "$sgz" -i -k a.gz
	[ "$(picture)" = "$before" ]
	exits 1 "$sgz" missing.gz
	"$sgz" -k -f a.gz
	"$sgz" -dc a.gz.gz | cmp - a.gz
	"$sgz" -c a.gz | "$sgz" -d | cmp - a.gz
	"$sgz" <a.gz >twice
	"$sgz" -d <twice | cmp - a.gz
	"$sgz" -o c a.gz
	"$sgz" -dc c | cmp - a.gz
}

# Some sandboxes have no terminals to give.
has_terminals() {
	script -qec true /dev/null >/dev/null 2>&1 </dev/null
}

# Run a command line with a terminal as its three standard descriptors.
on_terminal() {
	script -qec "$1" screen >/dev/null 2>&1 </dev/null
}

spares_a_terminal() {
	if ! has_terminals; then
		return 0
	fi
	echo x >a
	status=0
	on_terminal "'$sgz' -c a" || status=$?
	[ "$status" -eq 1 ]
	grep -q 'terminal' screen
	on_terminal "'$sgz' -c -f a"
	# work that takes no time shows no progress
	on_terminal "'$sgz' -k a"
	if grep -q 'MB/s' screen; then
		exit 1
	fi
}

shows_progress_on_a_terminal() {
	if ! has_terminals; then
		return 0
	fi
	# more than can be done in the time: what is shown until then counts
	truncate -s 4G big
	brief="timeout 1.2 '$sgz' -l 9"
	on_terminal "$brief -c big >/dev/null" || true
	grep -q 'big \[[#.]*\] *[0-9]*%.* MB/s' screen
	on_terminal "$brief -k big" || true
	grep -q 'big \[[#.]*\] *[0-9]*%.* MB/s' screen
	[ "$(names)" = 'big screen ' ]
	# not between the data, and not where no person looks
	on_terminal "$brief -c -f big" || true
	if grep -q 'MB/s' screen; then
		exit 1
	fi
	exits 124 timeout 1.5 "$sgz" -c -l 9 big >/dev/null
	cmp err /dev/null
}

asks_on_a_terminal() {
	if ! has_terminals; then
		return 0
	fi
	echo x >a
	echo precious >a.gz
	(sleep 0.3 && echo n) | script -qec "'$sgz' -k a" screen >/dev/null ||
		true
	[ "$(cat a.gz)" = precious ]
	grep -q 'replace it' screen
	(sleep 0.3 && echo y) | script -qec "'$sgz' -k a" screen >/dev/null
	gzip -t a.gz
}

run compresses_and_removes_the_input
run keeps_the_input_if_told_to
run filters_standard_input
run takes_every_level
run does_not_overwrite
run does_not_overwrite_an_index
run keeps_mode_and_times
run takes_several_files
run knows_suffixes
run refuses_what_is_no_file
run tests_integrity
run leaves_nothing_after_a_failure
run seeks
run seeks_by_an_index_that_is_named
run says_that_an_index_lies
run makes_the_same_index_in_each_way
run rejects_wrong_usage
run helps
run uses_the_codec_named
run refuses_what_is_no_codec
run lists_codecs
run reports_a_full_disk
run dies_quietly_with_its_reader
run reports_closed_descriptors
run leaves_nothing_after_a_signal
run works_with_several_threads
run writes_ranges
run replaces_a_file_or_does_not_when_it_is_killed
run leaves_nothing_where_a_new_file_has_a_name
run never_writes_over_what_it_reads
run checks_the_index_before_it_compresses
run reads_links_only_if_told_to
run never_removes_what_is_no_file
run keeps_an_input_that_changed
run warns_that_the_end_is_missing
run takes_the_options_of_bgzip
run writes_to_the_output_named
run cuts_blocks_by_an_index
run indexes_a_pipe
run takes_a_dash_for_the_index
run waits_for_what_is_not_ready
run keeps_owner_and_mode
run replaces_a_link_to_an_index
run leaves_no_index_of_another_file
run does_without_an_index_that_it_cannot_read
run does_not_compress_twice
run spares_a_terminal
run shows_progress_on_a_terminal
run asks_on_a_terminal
echo "1..$count"
[ "$failed" -eq 0 ]
