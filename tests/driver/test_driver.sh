#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# ferrule from outside: what it is given, what it says, what it leaves behind.
#
#   test_driver.sh FERRULE VALID FAULT-LANES LESSONS
set -u

ferrule=$1
valid=$2
lanes=$3
lessons=$4

dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
export TMPDIR="$dir/tmp"
mkdir "$TMPDIR"
unset NO_COLOR
cd "$dir" || exit 1
count=0

# ok NAME: the last command's outcome, as TAP has it.
ok() {
	outcome=$?
	count=$((count + 1))
	if [ $outcome -eq 0 ]; then
		echo "ok $count - $1"
	else
		echo "not ok $count - $1"
		sed 's/^/# /' out err
	fi
}

skip() {
	count=$((count + 1))
	echo "ok $count - $1 # SKIP $2"
}

# run EXIT ARGUMENT...: run ferrule on the good lane, which the others are compared with.
run() {
	wanted=$1
	shift
	"$ferrule" "$@" --lanes "$lanes" --lessons "$lessons" >out 2>err
	code=$?
	[ $code -eq "$wanted" ] || echo "exit code $code, not $wanted" >>err
	[ $code -eq "$wanted" ]
}

# says FILE TEXT
says() {
	grep -qF -- "$2" "$1"
}

printf 'some text\n' >input

# --- usage ---
"$ferrule" >out 2>err
[ $? -eq 2 ] && says err 'name a command' && says err '--help'
ok 'without a command: says what it can do'
"$ferrule" --help >out 2>err && says out 'Usage: ferrule compare' && [ ! -s err ]
ok '--help goes to stdout'
[ "$(wc -L <out)" -le 80 ]
ok '--help fits 80 columns'
"$ferrule" --version >out 2>err && grep -qx 'ferrule [0-9.]*' out
ok '--version'
run 2 conquer && says err 'unknown command: conquer'
ok 'an unknown command'
run 2 compare --nonsense input && says err "--help"
ok 'an unknown option'
run 2 compare && says err 'name a file to compare'
ok 'compare without a file'
run 2 compare input input && says err 'give one file only'
ok 'two files'
run 2 compare --timeout soon input && says err '--timeout: not a number'
ok 'a timeout that is none'
run 2 compare --jobs 0 input && says err '--jobs: not a number above 0'
ok 'no jobs at all'
run 2 compare --color red input && says err '--color: not auto'
ok 'a colour that is none'
run 2 compare --json - --html - input && says err 'only one report'
ok 'two reports on stdout'

# --- the input ---
run 2 compare missing && says err 'missing: cannot open: No such file'
ok 'a missing file: its name and the reason'
run 2 compare . && says err '.: cannot read: Is a directory'
ok 'a directory'
mkfifo pipe
run 2 compare pipe && says err 'pipe: is not a regular file'
ok 'a pipe is refused, and not waited for'
if [ "$(id -u)" -ne 0 ]; then
	: >closed && chmod 0 closed
	run 2 compare closed && says err 'closed: cannot open: Permission denied'
	ok 'a file that may not be read'
else
	skip 'a file that may not be read' 'root may read it'
fi
: >empty
run 0 compare empty && says out 'sample: all of its 0 bytes'
ok 'an empty file'
printf x >one
run 0 compare one && says out 'sample: all of its 1 byte'
ok 'one byte'
dd if=/dev/zero of=large bs=1024 count=3000 2>err
run 0 compare large && says out 'sample: first 1,048,576 of 3,072,000 bytes'
ok 'of a large file a sample, and it says so'

# --- a default input ---
run 0 compare --default input && says out 'sample: all of its 10 bytes' &&
	says err 'No file was named: comparing on input'
ok 'no file: the default'
run 0 compare --default large input && says out 'of its 10 bytes' && [ ! -s err ]
ok 'a file: no default'
"$ferrule" compare --default large --lanes "$lanes" --lessons "$lessons" \
	-- input >out 2>err &&
	says out 'of its 10 bytes' && run 0 compare --default=input --jobs 1 &&
	says out 'of its 10 bytes'
ok 'a file after --, and none after the value of an option'
run 2 compare --default nothing && says err 'nothing: cannot open'
ok 'a default that is not there'
run 2 compare && says err 'name a file'
ok 'neither'

# --- lanes and lessons ---
run 0 list && says out '01-blocks' && says out 'Blocks: for tests'
ok 'list: lessons and their titles'
run 2 compare --lane nobody input && says err 'no lane is called "nobody"'
ok 'an unknown lane'
run 2 compare --lesson 99 input && says err 'no lesson has the name "99"'
ok 'an unknown lesson'
run 0 compare --lesson 02 input && says out '02-steps' && ! says out '01-blocks'
ok 'a lesson by how its name begins'
mkdir nothing
"$ferrule" compare --lanes nothing input >out 2>err
[ $? -eq 2 ] && says err 'nothing: no lanes there'
ok 'a folder without lanes'
"$ferrule" compare --lanes nowhere input >out 2>err
[ $? -eq 2 ] && says err 'nowhere: cannot look for lanes: No such file'
ok 'a folder that is not there'
mkdir only && cp "$lanes/fault_note.so" only/ferrule_lane_note.so
"$ferrule" compare --lanes only input >out 2>err
[ $? -eq 2 ] && says err 'no C lane'
ok 'lanes without a C lane'
# lessons TEXT: run on lessons that are described so.
lessons() {
	printf '%b' "$1" >bad.json
	"$ferrule" compare --lanes "$lanes" --lessons bad.json input >out 2>err
	[ $? -eq 2 ]
}

lessons '{"sources": {}, "lessons": [\n
	{"name": "01-blocks", "declared": [{"lane": 1}]}]}' &&
	says err '01-blocks: declaration 0'
ok 'a declaration that is none'
lessons '{"sources": {}, "lessons": [{"name": "01-blocks", "declared": [
	{"lane": "c", "step": "s", "reason": "r", "differs":
	{"prevented": false, "memory": false, "freed": false,
	"facts": [1]}}]}]}' &&
	says err "01-blocks: declaration 0: a fact's label is not text"
ok 'a declaration of what is no fact'
lessons '{"sources": {}, "lessons": [{"name": "01-blocks", "declared": [
	{"lane": "c", "step": "s", "reason": "r", "differs":
	{"prevented": true, "memory": false, "freed": false,
	"facts": []}}]}]}' &&
	says err '01-blocks: declaration 0: prevented, and without a proof'
ok 'a step that is prevented, and nothing proves it'
lessons '{\n[' && says err 'bad.json:2:'
ok 'a description that is no JSON: file and line'
lessons '[]' && says err 'bad.json: describes no lessons'
ok 'a description of something else'
"$ferrule" compare --lanes "$lanes" --lessons missing.json input >out 2>err
[ $? -eq 2 ] && says err 'missing.json: cannot read: No such file'
ok 'a description that is not there'

# --- reports ---
run 0 compare input --lane-file "$lanes/fault_meant.so" \
	--json r.json --junit r.xml --html r.html
ok 'three reports at once'
"$valid" json r.json 10 >>out && "$valid" junit r.xml 10 >>out &&
	"$valid" html r.html 10 >>out
ok 'and all are valid'
says out '10 cells: 10 as expected' && says out '1 step differs on purpose'
ok 'and the table says the same'
run 0 compare input --lane-file "$lanes/fault_meant.so" --declared &&
	says out '01-blocks, meant, step "free": a test of declarations'
ok '--declared says why'
mkdir found
cp "$lanes"/ferrule_lane_*.so "$lanes/fault_meant.so" found
mv found/fault_meant.so found/ferrule_lane_meant.so
cp found/ferrule_lane_meant.so mine.so
"$ferrule" compare input --lanes found --lessons "$lessons" \
	--lane-file mine.so >out 2>err && says out '10 as expected' &&
	says err 'The lane "meant" is ' && says err '/mine.so, not '
ok 'a lane that is named takes the place of the one that was found'
"$ferrule" compare input --lanes found --lessons "$lessons" \
	--lane-file found/ferrule_lane_meant.so >out 2>err &&
	says out '10 as expected' && [ ! -s err ]
ok 'a lane that is found may be named too'
run 2 compare input --lane-file mine.so --lane-file found/ferrule_lane_meant.so \
	&& says err 'is called "meant", as is '
ok 'no two that are named have one name'
run 1 compare input --lane-file "$lanes/fault_killed.so" \
	--json r.json --junit r.xml --html r.html
ok 'a crash ends with 1'
"$valid" json r.json 10 >>out && "$valid" junit r.xml 10 >>out &&
	"$valid" html r.html 10 >>out
ok 'and the reports are valid'
[ "$(wc -L <out)" -le 80 ] && says out '10 cells: 9 as expected, 1 crashed'
ok 'the table fits 80 columns'

# costs NAME MORE: a table of call costs with one row, and MORE about it
costs() {
	cat >"$1" <<END
{"links": {"static": {"title": "by <hand>", "rows": [{"name": "empty",
"title": "an empty & short call", "lanes": {"c": {"instructions": 4},
"safe": {"instructions": 10, "ratio": 2.5}}$2}]},
"lto": {"title": "at once", "not_run": "there is no clang"}}}
END
}
costs calls.json ', "why": "it copies", "more":
	[{"part": "copy", "instructions": 6}]'
run 0 compare input --html r.html --calls calls.json &&
	"$valid" html r.html 5 >>out && says r.html '<svg ' &&
	says r.html 'safe 2.50×' && says r.html 'copy +6.0' &&
	says r.html 'it copies' && says r.html 'not run: there is no clang'
ok 'what calls cost is in the page'
says r.html 'by &lt;hand&gt;' && says r.html 'an empty &amp; short call'
ok 'and is text there'
costs calls.json ', "more": 7'
sed 's/2.5/-3/' calls.json >negative.json
run 0 compare input --html r.html --calls calls.json &&
	run 0 compare input --html r.html --calls negative.json &&
	"$valid" html r.html 5 >>out && ! says r.html 'width="-'
ok 'also if its figures make no sense'
run 2 compare input --calls missing.json &&
	says err 'missing.json: cannot read: No such file' &&
	run 2 compare input --calls input && says err 'input:1:'
ok 'call costs that are none: the file and the reason'
echo '{"links": {"lto": {}}}' >empty.json
run 2 compare input --calls r.json && says err './x bench calls' &&
	run 2 compare input --calls empty.json &&
	says err 'empty.json: lto: neither rows nor why it was not run'
ok 'nor is each other JSON a table of them'
run 0 compare input --json - && cp out r.json && "$valid" json r.json 5 >>err
ok 'a report on stdout, alone'
run 2 compare input --json no/such/r.json &&
	says err 'no/such/r.json: cannot write: No such file or directory'
ok 'a report that cannot be written: its name and the reason'
run 2 compare input --html nothing && says err 'nothing: cannot write: Is a dir'
ok 'a report where a folder is'
echo old >r.json
(
	ulimit -f 1
	run 2 compare input --json r.json
)
says err 'r.json: cannot write: File too large' && says r.json old
ok 'a report on a full disk: the old one stays'
[ -z "$(find . -name 'r.json.*')" ]
ok 'and nothing beside it'
ln -s real.json link.json
run 0 compare input --json link.json && [ -L link.json ] &&
	"$valid" json real.json 5 >>out
ok 'a link is followed, not replaced'
[ -c /dev/null ] && run 0 compare input --json /dev/null && [ -c /dev/null ]
ok 'a device is written to, not replaced'

# --- colour ---
escape=$(printf '\033')
run 0 compare input && ! says out "$escape"
ok 'no colour in a file'
run 0 compare input --color always && says out "$escape"
ok 'colour when asked for'
if script -qec true /dev/null >err 2>&1 </dev/null; then
	command="'$ferrule' compare input --lanes '$lanes' --lessons '$lessons'"
	TERM=xterm script -qec "$command" /dev/null >out </dev/null
	says out "${escape}[32m" && says out 'cell 1 of 5: 01-blocks, c'
	ok 'colour and progress on a terminal'
	NO_COLOR=1 script -qec "$command 2>err" /dev/null >out </dev/null
	! says out "$escape"
	ok 'NO_COLOR is respected'
else
	skip 'colour and progress on a terminal' 'no script(1), or no terminals'
	skip 'NO_COLOR is respected' 'no script(1), or no terminals'
fi

# --- running ---
run 0 compare input --jobs 1 && grep -v '^input' out >one_job
run 0 compare input --jobs 9 && grep -v '^input' out | cmp -s - one_job
ok 'as many jobs as you like: the same report'
[ -z "$(ls "$TMPDIR")" ]
ok 'nothing is left in the folder for temporary files'
"$ferrule" compare --timeout 60 --lanes "$lanes" --lessons "$lessons" \
	--lane-file "$lanes/fault_hang_with_child.so" input >out 2>err &
pid=$!
sleep 1
kill -TERM $pid
wait $pid 2>err
[ $? -eq $((128 + 15)) ]
ok 'ended by a signal, it ends by that signal'
[ -z "$(ls "$TMPDIR")" ]
ok 'and leaves nothing'
TMPDIR=$dir/nowhere run 2 compare input && says err 'nowhere/ferrule-'
ok 'no folder for temporary files'

echo "1..$count"
