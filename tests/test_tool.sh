#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# The sgz command, from outside: SGZ is the program to run. Prints TAP.
set -u

case $1 in
/*) sgz=$1 ;;
*) sgz=$PWD/$1 ;;
esac
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
count=0
failed=0

# Each test is a function that runs in a fresh directory, as `set -e` has it.
run() {
	count=$((count + 1))
	rm -rf "$work/dir"
	mkdir "$work/dir"
	if (cd "$work/dir" && set -eu && "$1") >"$work/log" 2>&1; then
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
	exits 1 "$sgz" -r a.gz </dev/null
	[ "$(cat a.gz.gzi)" = precious ]
	"$sgz" -r -f a.gz
	differs a.gz.gzi /dev/null
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
	for wrong in -z --wrong '-l 10' '-l -2' '-l x' '-l' '-b x' '-b -1' \
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
	for option in -b -c -d -f -h -i -I -k -l -r -s -t --version; do
		grep -q -e " $option" help
	done
	[ "$(wc -L <help)" -le 80 ]
	"$sgz" -h | cmp - help
	"$sgz" --version | grep -q '^sgz [0-9]*\.[0-9]*\.[0-9]*'
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

# Send $1 to the rest once its temporary file is there.
interrupted() {
	signal=$1
	shift
	"$@" &
	child=$!
	for _ in $(seq 1 1500); do
		if ls .sgz-* >/dev/null 2>&1; then
			break
		fi
		sleep 0.02
	done
	ls .sgz-*
	kill "-$signal" "$child"
	status=0
	wait "$child" || status=$?
	[ "$status" -gt 128 ]
}

leaves_nothing_after_a_signal() {
	truncate -s 3G big
	interrupted TERM "$sgz" -k big
	interrupted HUP "$sgz" big
	[ "$(names)" = 'big ' ]
	echo precious >big.gz
	interrupted TERM "$sgz" -f big
	[ "$(cat big.gz)" = precious ]
	[ "$(names)" = 'big big.gz ' ]
	rm big.gz
	truncate -s 64M big
	"$sgz" -l 1 big
	for _ in 1 2 3 4 5; do
		cat big.gz big.gz >twice
		mv twice big.gz
	done
	interrupted TERM "$sgz" -d big.gz
	[ "$(names)" = 'big.gz ' ]
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
	brief="timeout 1.5 '$sgz' -l 9"
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
run reports_a_full_disk
run dies_quietly_with_its_reader
run reports_closed_descriptors
run leaves_nothing_after_a_signal
run spares_a_terminal
run shows_progress_on_a_terminal
run asks_on_a_terminal
echo "1..$count"
[ "$failed" -eq 0 ]
