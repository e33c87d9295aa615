# SPDX-License-Identifier: MIT OR Apache-2.0
"""A small checkout around the real `x`.

What `x` calls is played by stand-ins of a few lines, so that a test takes
less than a second and needs no network: Meson, Cargo, pip, and the driver. What
matters to the tests is real: sh, Ninja, and the rules by which the kernel
starts programs.

One source, `source`, is built into build/driver/ferrule the way a linker does
it: the old file is removed, and the new one grows in place.
"""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent

# What x may use of the system, and the stand-ins. Cargo is not among it,
# wherever it lies.
SYSTEM = """cat chmod cp dirname env head id ln mkdir rm sed setpriv sh sleep
sort touch true""".split()

VERSIONS = """c++ cargo cc chromium clang cmake pkg-config rustc rustfmt valgrind
bgzip""".split()

SAYS_VERSION = """#!/bin/sh
case $* in
*-E*) ;;
-print-file-name=libclang*) echo "$0" ;;
fetch*) "$STAND_IN/fetch" crates "$@" ;;
*) echo 'stand-in 99.1' ;;
esac
"""

# Where something is fetched: `fetch WHAT ARGUMENTS...` fails after a while if
# there is no network, and at once if it is told not to use one.
FETCH = """#!/bin/sh
[ ! -e "$STAND_IN/fetched-$1" ] || exit 0
case $* in *--offline* | *--no-index*) exit 1 ;; esac
echo "$1" >>"$STAND_IN/calls"
[ ! -e "$STAND_IN/no-$1" ] || exit 1
[ ! -e "$STAND_IN/no-network" ] || { sleep 1; exit 1; }
touch "$STAND_IN/fetched-$1"
"""

# x makes the private environment with Python, and is written in it.
PYTHON = """#!/bin/sh
if [ "$1 $2" = '-m venv' ]; then
	echo venv >>"$STAND_IN/calls"
	for dir; do :; done
	mkdir -p "$dir/bin"
	cp "$STAND_IN/venv/"* "$dir/bin/"
	ln -s "$NINJA" "$dir/bin/ninja"
	exit
fi
case $1 in
--version) echo 'Python 99.1' ;;
*) exec "$PYTHON" "$@" ;;
esac
"""

PIP = """#!/bin/sh
[ "$3" != --version ] || exit 0
"$STAND_IN/fetch" modules "$@"
"""

MESON = """#!/bin/sh
case $1 in
--version)
	echo 99.1 ;;
setup)
	shift
	case $1 in --*) shift ;; esac
	mkdir -p "$1/driver"
	cat >"$1/build.ninja" <<END
rule link
  command = sh $2/link.sh \\$in \\$out
build driver/ferrule: link $2/source
build all: phony driver/ferrule
build meson-test-prereq: phony driver/ferrule
END
	;;
subprojects)
	"$STAND_IN/fetch" wraps "$@" || exit
	mkdir -p "$4/subprojects/libdeflate-1" ;;
test)
	case $* in
	*--no-rebuild*) ;;
	*) "$NINJA" -C "$3" || exit ;;
	esac
	for i in 1 2 3; do
		"$3/driver/ferrule" compare || exit
		sleep 0.1
	done
	mkdir -p "$3/meson-logs"
	echo '<testsuites><testsuite><testcase/><testcase/><testcase/>' \
		'</testsuite></testsuites>' >"$3/meson-logs/testlog.junit.xml" ;;
esac
"""

LINK = """[ ! -e "$STAND_IN/link-first" ] || . "$STAND_IN/link-first"
cargo build || exit
rm -f "$2"
(umask 0; : >"$2"; chmod +x "$2")
exec 3>>"$2"
cat "$1" >&3
sleep 0.2
echo 'echo done' >&3
"""

FERRULE = """#!/bin/sh
echo 'ferrule: version 1'
while [ $# -gt 0 ]; do
	case $1 in
	--html) html=$2; shift ;;
	--calls) calls=$2; shift ;;
	esac
	shift
done
[ -z "${html-}" ] || echo "report${calls+ with $calls}" >"$html"
"""


def executable(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


class Checkout:
    """A checkout at `root`, with stand-ins beside it."""

    def __init__(self, folder, ninja):
        self.root = folder / "checkout"
        self.stand_in = folder / "stand-in"
        self.bin = self.stand_in / "bin"
        self.bin.mkdir(parents=True)
        for name in SYSTEM:
            if shutil.which(name):
                (self.bin / name).symlink_to(shutil.which(name))
        for name in VERSIONS:
            executable(self.bin / name, SAYS_VERSION)
        executable(self.bin / "python3", PYTHON)
        executable(self.stand_in / "fetch", FETCH)
        executable(self.stand_in / "venv/python", PIP)
        executable(self.stand_in / "venv/meson", MESON)
        # a copy: another user may not get at where it lies
        shutil.copy(ninja, self.stand_in / "ninja")
        front = (ROOT / "tools/front").glob("*.py")
        for name in ("x", "Cargo.lock", "tools/requirements.txt",
                     "tools/online.py", "tests/interop/requirements.txt",
                     *(path.relative_to(ROOT) for path in front)):
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, self.root / name)
        (self.root / "subprojects").mkdir()
        (self.root / "subprojects/libdeflate.wrap").write_text(
            "[wrap-file]\ndirectory = libdeflate-1\n")
        executable(self.root / "lessons/01-a/c.c", "")
        executable(self.root / "lanes/a/Cargo.toml", "")
        executable(self.root / "link.sh", LINK)
        executable(self.root / "source", FERRULE)
        self.env = {
            "PATH": str(self.bin),
            "HOME": str(folder),
            "STAND_IN": str(self.stand_in),
            "PYTHON": python(),
            "PIP_INDEX_URL": "file:///",
            "NINJA": str(self.stand_in / "ninja"),
        }

    def start(self, *args, env=None, before=()):
        """x with `args`, running; `before` is a command that starts it."""
        return subprocess.Popen(
            [*before, str(self.root / "x"), *args], cwd=self.root,
            env=self.env if env is None else env, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT)

    def x(self, *args, **how):
        """Run x with `args`: (exit code, all it said, seconds)."""
        begun = time.monotonic()
        return *ended(self.start(*args, **how)), time.monotonic() - begun

    def change(self, version):
        """Change the source, so that it has to be built again."""
        (self.root / "source").write_text(FERRULE.replace(
            "version 1", f"version {version}"))

    def calls(self, word):
        """How often a stand-in was called for `word`."""
        calls = self.stand_in / "calls"
        text = calls.read_text() if calls.exists() else ""
        return sum(line.startswith(word) for line in text.splitlines())


def ended(process, seconds=30):
    """Wait for `process`: (exit code, all it said)."""
    try:
        said, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        said, _ = process.communicate()
        raise AssertionError(f"it did not end: {said}") from None
    return process.returncode, said


def wait_for(condition, seconds=10):
    """Wait until condition() holds."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("waited in vain")
        time.sleep(0.01)


def alive(pid):
    """Whether there is a process `pid` that has not ended."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as f:
            return f.read().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def python(before=()):
    """A Python that can be started by `before`; None if there is none."""
    for path in (os.path.realpath(sys.executable), "/usr/bin/python3"):
        new = "import sys; sys.exit(sys.version_info < (3, 11))"
        try:
            # by way of sh: what setpriv itself starts has root's rights
            if subprocess.run([*before, "sh", "-c", '"$0" "$@"', path, "-c",
                               new], check=False, cwd="/",
                              stderr=subprocess.DEVNULL).returncode == 0:
                return path
        except OSError:
            pass
    return None


def as_nobody():
    """A command that starts another without the rights of root; None if that
    cannot be had."""
    if os.geteuid() != 0:
        return []
    nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    works = subprocess.run([*nobody, "true"], check=False,
                           stderr=subprocess.DEVNULL).returncode == 0
    return nobody if works else None
