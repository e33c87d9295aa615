#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# Ferrule's front door. `./x help` says what it does; no other script is needed
# to set the project up, build it, run it and test it. What it does is written
# in Python, in tools/front: here is what makes sure that there is a Python.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
least=3.11

usage() {
	cat <<'EOF'
Usage: ./x COMMAND

  compare [FILE] [OPTION...]
            Run every lesson in every lane on FILE and compare them.
            Without FILE: build/sample.txt, which is the same everywhere.
            The HTML report goes to build/report.html; options go to
            `ferrule compare` (--json OUT, --junit OUT, --lesson NAME,
            --lane NAME, --lane-file PATH, ...).
  tour      One mistake between C and Rust: which tools see it, its cure,
            and how safe Rust prevents it.
  learn init DIR
            Put exercises in DIR, a folder of your own. There `./learn`
            grades an answer each time that you save it, and
            `./learn --help` lists the commands.
  test [STAGE...]
            Run all tests and checks; with names, only those stages.
  doctor    Which tools are installed, which are missing, and the command
            that installs them.
  bench     Speed against gzip and bgzip, and the cost of the safe lane.
            `bench throughput`: the speed table of the library and its peers.
            `bench calls`: what a call costs in each lane, and why.
  fuzz [--seconds N] [TARGET...]
            Run the fuzz targets (clang's libFuzzer), 60 seconds each.
  book      Build the book into docs/book.
  clauses   Check that C's clauses and Rust's SAFETY comments agree.
  drift [OPTION...]
            Check that the hand-written bindings equal the header; with
            options, check any bindings (see `./x drift --help`).
            --ctest runs the same mutants under ctest, for comparison.
  cargo-c   Build cargo-c for one stage of `./x test`, which takes minutes.
  clean     Remove what was built (not .tools, the private environment).
  help      This text.

Each command first installs the tools that it needs, and says so.
Exit status: 0 for success, 1 for a failure, 2 if it could not run.
EOF
}

die() {
	printf '%s\n' "x: $*" >&2
	exit 2
}

# The version of python3; nothing if there is none.
version() {
	python3 --version 2>/dev/null |
		sed -n 's/^Python \([0-9][0-9.]*\).*/\1/p'
}

# Whether version $1 is at least version $2 (both MAJOR.MINOR...).
at_least() {
	[ "$(printf '%s\n' "$2" "$1" | sort -t. -k1,1n -k2,2n | head -n 1)" \
		= "$2" ]
}

as_root() {
	if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

# Where there is no Python at all, and we may: Debian's. The rest of what is
# missing is installed from there.
install_python() {
	command -v apt-get >/dev/null && as_root true 2>/dev/null || return 0
	echo 'Installing Debian packages: python3 python3-venv' >&2
	{ as_root apt-get update && as_root apt-get install -y \
		--no-install-recommends python3 python3-venv; } >&2 &&
		return
	die 'apt-get failed. This needs a network, this once.'
}

need_python() {
	found=$(version)
	if [ -z "$found" ] && [ "$command" != doctor ]; then
		install_python
		found=$(version)
	fi
	! at_least "${found:-0}" "$least" || return 0
	if [ "$command" = doctor ]; then
		printf '%-13s %-16s python3 (%s or later)\n' python3 \
			"${found:-MISSING}" "$least"
		echo 'With it, ./x doctor says what else is needed.'
		exit 1
	fi
	die "Python $least or later is needed; python3 is ${found:-not there}"
}

command=${1-help}
[ $# = 0 ] || shift
case $command in
compare | tour | learn | test | doctor | bench | fuzz | book | clauses | drift | \
	cargo-c | clean)
	need_python
	exec python3 -B "$root/tools/front/main.py" "$command" "$@" ;;
help | -h | --help) usage ;;
*)
	usage >&2
	die "there is no command $command" ;;
esac
