# SPDX-License-Identifier: MIT OR Apache-2.0
"""The stages of ./x test: runs them, counts what passed, and says so."""

import os
import re
import shutil
import sys
import threading
import time
import traceback
import xml.etree.ElementTree
from typing import NamedTuple

import environment
import needs
from environment import Folder
from steps import LOGS, ROOT, Job, NotRun, Show, Stopped, progress
from turns import BUILD, FERRULE


# --- Counting ----------------------------------------------------------------

class Count(NamedTuple):
    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other):
        return Count(*(a + b for a, b in zip(self, other)))


def count_junit(text):
    """The test cases of a JUnit report."""
    total = Count()
    for case in xml.etree.ElementTree.fromstring(text).iter("testcase"):
        kinds = {child.tag for child in case}
        total += Count(failed=1) if kinds & {"failure", "error"} \
            else Count(skipped=1) if "skipped" in kinds else Count(passed=1)
    return total


def count_cargo(text):
    """What Rust's test programs say. One that began and came to no result
    has crashed: that is a failure."""
    total = Count()
    running = False
    for line in text.splitlines():
        if re.match(r"running \d+ tests?$", line):
            total += Count(failed=running)
            running = True
        elif line.startswith("test result: "):
            running = False
            total += Count(*(
                int(m[1]) if (m := re.search(rf"(\d+) {word}", line)) else 0
                for word in ("passed", "failed", "ignored")))
    return total + Count(failed=running)


def count_python(text):
    """What Python's unittest says."""
    total = Count()
    ran = 0
    for line in text.splitlines():
        if m := re.match(r"Ran (\d+) tests? in ", line):
            ran = int(m[1])
        elif m := re.match(r"(OK|FAILED)(?: \((.*)\))?$", line):
            kinds = dict(kind.split("=") for kind in
                         (m[2] or "").split(", ") if "=" in kind)
            bad = sum(int(kinds.get(kind, 0)) for kind in
                      ("failures", "errors", "unexpected successes"))
            skipped = int(kinds.get("skipped", 0))
            total += Count(max(ran - bad - skipped, 0), bad, skipped)
            ran = 0
    return total


def counted(kind, job, code):
    """What a stage counts, given the exit code of what it ran."""
    total = Count()
    if kind == "meson" and job.results:
        try:
            total = count_junit(job.results.read_text(encoding="utf-8"))
        except (OSError, xml.etree.ElementTree.ParseError):
            total = Count()  # it did not come to its report
    elif kind in ("cargo", "python"):
        text = job.log.read_text(encoding="utf-8", errors="replace")
        total = count_cargo(text) if kind == "cargo" else count_python(text)
    if code == 77:
        return total + Count(skipped=1)
    if code != 0 and total.failed == 0:
        return total + Count(failed=1)
    if code == 0 and total == Count():
        return Count(passed=1)
    return total


# --- Stages ------------------------------------------------------------------

class Stages:
    """What each stage runs: a function of its name, which gets a job and says
    whether all went well."""

    def __init__(self, turns):
        self.turns = turns

    def prepare(self, job):
        environment.prepare("test", self.turns, job)

    def meson_test(self, job, folder, *options, report="testlog.junit.xml",
                   **how):
        """`meson test`, whose report is counted: its own, no older one."""
        job.results = folder / "meson-logs" / report
        job.results.unlink(missing_ok=True)
        return job.run("meson", "test", "-C", folder, "--print-errorlogs",
                       *options, **how)

    def meson(self, job):
        self.prepare(job)
        # many of them wait for a time limit: two for each processor
        return self.meson_test(job, BUILD, "--no-rebuild", "--num-processes",
                               2 * (os.cpu_count() or 1))

    def cargo(self, job):
        return job.run("cargo", "test", "--workspace", "--locked",
                       "--no-fail-fast", *self.OPTIONAL, cwd=ROOT)

    # what a user of the wrapper has to ask for
    OPTIONAL = ("--features", "sgz/bytes,sgz/tokio")
    GENERATED = ("--no-default-features", "--features",
                 "generated,bytes,tokio")

    def generated(self, job):
        return job.run("cargo", "test", "-p", "sgz", "--locked",
                       "--no-fail-fast", *self.GENERATED, cwd=ROOT)

    def clippy(self, job):
        deny = ("--", "-D", "warnings")
        return job.run(
            "cargo", "clippy", "--workspace", "--all-targets", "--locked",
            *self.OPTIONAL, *deny, cwd=ROOT) and job.run(
            "cargo", "clippy", "-p", "sgz", "--all-targets", "--locked",
            *self.GENERATED, *deny, cwd=ROOT) and all(job.run(
                "cargo", "clippy", "--locked", "--target-dir",
                ROOT / "target/ctest", "--manifest-path", apart, *deny)
                for apart in self.APART)

    # what no workspace may have, because of what it depends on
    APART = [ROOT / "tests" / name / "Cargo.toml"
             for name in ("drift-ctest", "drift-field/ctest")]

    def format(self, job):
        def found(suffixes, *folders):
            return sorted(path for folder in folders
                          for path in (ROOT / folder).rglob("*")
                          if path.suffix in suffixes)

        c = [path for path in found(
            (".c", ".h", ".cc", ".hpp"), "audit", "bench", "csrc", "driver", "exercises",
            "exports", "host", "lanes", "lessons", "tests")
            # cbindgen has a style of its own; a wrong answer may be no C
            if path.name not in ("codec_zlib_rs.h", "sgzfile.h")
            and path.parent.name != "wrong"]
        answers = [path for path in found((".rs",), "exercises")
                   if path.parent.name != "wrong"]
        scripts = [ROOT / "x", ROOT / ".ci/run",
                   *found((".sh",), "driver", "exports", "lanes", "lessons",
                          "tests", "tools")]
        return job.run("cargo", "fmt", "--all", "--check", cwd=ROOT) \
            and job.run("rustfmt", "--edition", "2024", "--check", *answers,
                        cwd=ROOT) \
            and job.run("clang-format", "--dry-run", "--Werror",
                        "--style=file", *c, cwd=ROOT) \
            and job.run("shellcheck", *scripts, cwd=ROOT)

    def clauses(self, job):
        return job.run("python3", ROOT / "tools/clauses.py") and job.run(
            "python3", ROOT / "tests/clauses/test_clauses.py")

    def warnings(self, job):
        """Warnings are errors in each of these: another optimiser, another
        compiler."""
        release = Folder(ROOT / "build-release", "-Drust=disabled",
                         "-Dbuildtype=release")
        release.configure(job)
        # what is measured is built nowhere else
        if not job.run("ninja", "-C", release.path, "all", "bench/cost-c",
                       "bench/throughput", "bench/peak"):
            return False
        if not shutil.which("clang"):
            raise NotRun("there is no clang")
        # what clang warns of, it finds before it optimises
        clang = Folder(ROOT / "build-clang", "-Drust=disabled",
                       "-Doptimization=0", "-Ddebug=false")
        env = {**os.environ, "CC": "clang"}
        clang.configure(job, env=env)
        return job.run("ninja", "-C", clang.path, env=env)

    def valgrind(self, job):
        if not shutil.which("valgrind"):
            raise NotRun("there is no valgrind")
        self.prepare(job)
        return self.meson_test(job, BUILD, "--no-rebuild", "--setup",
                               "valgrind", "--suite", "csrc",
                               report="testlog-valgrind.junit.xml")

    def asan(self, job):
        """Both sides under AddressSanitizer: gcc's for C, rustc's for the
        lanes. A leak whose pointer still lies on the stack is a leak.
        Instrumented code makes gcc warn of what it cannot follow: other
        builds have warnings as errors."""
        folder = Folder(ROOT / "build-asan", "-Db_sanitize=address,undefined",
                        "-Dwerror=false")
        folder.configure(job)
        return job.run("ninja", "-C", folder.path) and self.meson_test(
            job, folder.path, env={
                **os.environ, "LSAN_OPTIONS": "use_stacks=0", "ASAN_OPTIONS":
                "abort_on_error=1:allocator_may_return_null=1"})

    def tsan(self, job):
        """What threads share, under ThreadSanitizer: C alone, since it does
        not know what Rust's library does."""
        folder = Folder(ROOT / "build-tsan", "-Db_sanitize=thread",
                        "-Db_lundef=false", "-Dwerror=false",
                        "-Drust=disabled", "-Ddriver=disabled")
        folder.configure(job)
        return job.run("ninja", "-C", folder.path) and self.meson_test(
            job, folder.path, "--suite", "threads", env={
                **os.environ,
                "TSAN_OPTIONS": "halt_on_error=1:die_after_fork=0:"
                "allocator_may_return_null=1"})

    def fuzz(self, job):
        """Each fuzz target for half a minute, from the project's seeds."""
        if not environment.has_fuzzer():
            raise NotRun("clang has no libFuzzer here")
        return environment.build_fuzz(job) and job.run(
            sys.executable, "-B", ROOT / "tests/fuzz/fuzz.py",
            environment.FUZZ, "--seconds", "30")

    def asan_wrapper(self, job):
        """The wrapper's own tests, with both sides instrumented. rustc links
        them, and brings the runtime along; Cargo is told the target so that
        build scripts and macros stay as they are."""
        folder = Folder(ROOT / "build-asan-wrapper", "-Db_sanitize=address",
                        "-Db_lundef=false", "-Drust=disabled",
                        "-Ddriver=disabled", "-Dtests=disabled",
                        "-Dtool=disabled")
        folder.configure(job)
        if not job.run("ninja", "-C", folder.path, "csrc/libsgz.a"):
            return False
        tests = ["--lib"]
        for path in sorted((ROOT / "safe-wrapper/tests").glob("*.rs")):
            # misuse compiles, and runs nothing of ours; forget leaks
            if path.stem not in ("misuse", "forget"):
                tests += ["--test", path.stem]

        def cargo(asan, *tests):
            return job.run(
                "cargo", "test", "-p", "sgz", "--locked", "--no-fail-fast",
                *self.OPTIONAL, "--target", "x86_64-unknown-linux-gnu", "--target-dir",
                folder.path / "cargo", *tests, cwd=ROOT, env={
                    **os.environ, "SGZ_LIB_DIR": str(folder.path / "csrc"),
                    "RUSTC_BOOTSTRAP": "1",
                    "RUSTFLAGS": "-Zsanitizer=address",
                    "ASAN_OPTIONS": f"allocator_may_return_null=1:{asan}",
                    "LSAN_OPTIONS": "use_stacks=0"})

        return cargo(os.environ.get("ASAN_OPTIONS", ""), *tests) \
            and cargo("detect_leaks=0", "--test", "forget")

    def cargo_c(self, job):
        """What cargo-c installs, used by the programs that use what Meson
        installs."""
        programs = needs.find_cargo_c()
        if not programs:
            raise NotRun(needs.no_cargo_c())
        self.prepare(job)
        return job.run("sh", ROOT / "tests/exports/test_cargo_c.sh", ROOT,
                       BUILD, programs, needs.VENV / "bin/meson")

    def versions(self, job):
        """What a lesson claims of Rust itself, on the oldest version that the
        project allows and on the newest."""
        tests = ROOT / "tests/panics"
        return job.run("python3", "-B", tests / "test_toolchains.py") \
            and job.run("python3", "-B", tests / "test_panics.py")

    def book(self, job):
        self.prepare(job)
        self.turns.build.hold(alone=True)  # ./x book writes docs/book too
        return job.run(*book_results()) \
            and job.run("mdbook", "build", ROOT / "docs") \
            and job.run("python3", ROOT / "docs/test_chapters.py") \
            and job.run("python3", ROOT / "docs/test_curriculum.py") \
            and job.run("python3", ROOT / "docs/test_strategy.py") \
            and job.run("python3", ROOT / "docs/test_uses.py") \
            and job.run("python3", ROOT / "tests/drift-field/test_field.py") \
            and job.run("python3", ROOT / "tests/audit-field/test_field.py") \
            and job.run("python3", ROOT / "tools/readme.py")

    def report(self, job):
        self.prepare(job)
        html = BUILD / "report-test.html"
        return job.run(FERRULE, "compare", "--html", html,
                       BUILD / "sample.txt") and job.run(
            "python3", ROOT / "tests/report/test_report.py", html, BUILD)

    def all(self):
        """(name, how it counts, function) of each, in their order."""
        return [
            ("meson", "meson", self.meson),
            ("cargo", "cargo", self.cargo),
            ("generated", "cargo", self.generated),
            ("clippy", "one", self.clippy),
            ("format", "one", self.format),
            ("clauses", "python", self.clauses),
            ("warnings", "one", self.warnings),
            ("valgrind", "meson", self.valgrind),
            ("asan", "meson", self.asan),
            ("tsan", "meson", self.tsan),
            ("fuzz", "one", self.fuzz),
            ("asan-wrapper", "cargo", self.asan_wrapper),
            ("cargo-c", "one", self.cargo_c),
            ("versions", "python", self.versions),
            ("book", "python", self.book),
            ("report", "python", self.report),
        ]


def book_results():
    """The command for what the book's rows are: which steps of the lanes
    stand side by side."""
    return [FERRULE, "compare", "--json", BUILD / "results.json",
            BUILD / "sample.txt"]


# --- Running them ------------------------------------------------------------

def chosen(stages, wanted):
    """Those of `wanted`, in their order; all if none is."""
    names = [name for name, _, _ in stages]
    for name in wanted:
        if name not in names:
            raise Stopped(f"there is no stage {name}; "
                          f"there are: {' '.join(names)}")
    return [stage for stage in stages if not wanted or stage[0] in wanted]


def outcome(job, function):
    """The exit code of a stage. What it says is in its log."""
    try:
        return 0 if function(job) else 1
    except NotRun as e:
        job.write(f"not run: {e}\n")
        return 77
    except Stopped as e:
        job.write(f"x: {e}\n")
    except Exception:
        job.write(f"x: this stage is broken itself:\n"
                  f"{traceback.format_exc()}")
    return 2


def work(stage, turns, log, show, before=()):
    """Run one: (what it counts, its exit code)."""
    _, kind, function = stage
    try:
        job = Job(log, show, before)
        code = outcome(job, function)
    finally:
        turns.build.release()
    return counted(kind, job, code), code


def end(show, log, count, code, seconds, out):
    """Print the line of a stage, and what of its log is to be seen."""
    skipped = f" {count.skipped:5d} skipped" if count.skipped else ""
    show.end(f"{count.passed:5d} passed {count.failed:5d} failed{skipped}"
             f"  {seconds:4d} s")
    said = log.read_text(encoding="utf-8", errors="replace").splitlines()
    # what went well in part says what of it was not run
    shown = said[-1:] if code == 77 else said[-30:] if code else [
        line for line in said if line.startswith("not run: ")]
    for line in shown:
        out.write(f"    {line}\n")
    if code not in (0, 77):
        out.write(f"    All of it: {log}\n")


def show_of(name, out):
    return Show(name.ljust(14), out)


def log_of(name, logs):
    return logs / f"test-{name}.log"


def run_stage(stage, turns, out, logs):
    """Run one and print its line: (what it counts, whether all went well)."""
    show, log = show_of(stage[0], out), log_of(stage[0], logs)
    try:
        count, code = work(stage, turns, log, show)
    except KeyboardInterrupt:
        show.end(f" interrupted after {show.seconds()} s")
        raise
    except BaseException:
        show.end(" stopped")
        raise
    end(show, log, count, code, show.seconds(), out)
    return count, code in (0, 77)


# What Cargo builds in target/ and in a folder of its own, and what needs no
# build at all: these hold no lock, and share nothing with the stages after
# "meson", which let a processor wait now and then. "meson" itself has tests
# that wait for target/.
BESIDE = ("cargo", "generated", "clippy", "asan-wrapper", "versions")


class Beside(threading.Thread):
    """Runs stages one after the other, beside those that are shown. They give
    way where both want a processor: many tests of the others have time
    limits."""

    class Turns:
        class build:
            release = staticmethod(lambda: None)

    BEFORE = ("nice", "-n", "5")

    def __init__(self, stages, logs):
        super().__init__(daemon=True)
        self.waiting = list(stages)
        self.logs = logs
        self.ended = threading.Event()
        self.done = {}  # name -> seconds, and (count, code) or an exception
        self.start()

    def tick(self, _what):
        """Called while a program runs."""
        if self.ended.is_set():
            raise KeyboardInterrupt

    def run(self):
        for stage in list(self.waiting):
            begun = time.monotonic()
            try:
                came = work(stage, self.Turns, log_of(stage[0], self.logs),
                            self, self.BEFORE)
            except BaseException as e:
                came = e
            self.done[stage[0]] = int(time.monotonic() - begun), came
            if self.ended.is_set():
                return

    def stop(self):
        """End what it runs."""
        self.ended.set()
        if self.is_alive():
            self.join()

    def shown(self, out, until_all=False):
        """Print the lines of stages that have ended since: the name, what it
        counts and whether all went well of each."""
        while self.waiting and (until_all or self.waiting[0][0] in self.done):
            name = self.waiting[0][0]
            log = log_of(name, self.logs)
            show = show_of(name, out)
            while name not in self.done:
                self.join(0.25)
                show.tick(lambda: progress_of(log))
            self.waiting.pop(0)
            seconds, came = self.done[name]
            if isinstance(came, BaseException):
                show.end(" stopped")
                raise came
            end(show, log, *came, seconds, out)
            count, code = came
            yield name, count, code in (0, 77)


def progress_of(log):
    try:
        text = log.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return progress(text[-4096:])


def run_all(stages, turns, out=sys.stdout, logs=LOGS, beside=()):
    """Run these stages, one after the other, and those in `beside` at the same
    time: whether nothing failed."""
    begun = time.monotonic()
    total = Count()
    broken = []
    out.write("\n")

    def add(name, count, well):
        nonlocal total
        total += count
        if not well:
            broken.append(name)

    aside = [stage for stage in stages if stage[0] in beside]
    if len(aside) == len(stages):
        aside = []
    other = None
    try:
        for stage in stages:
            if stage in aside:
                other = other or Beside(aside, logs)
                continue
            add(stage[0], *run_stage(stage, turns, out, logs))
            for came in other.shown(out) if other else ():
                add(*came)
        for came in other.shown(out, until_all=True) if other else ():
            add(*came)
    finally:
        if other:
            other.stop()
    out.write("\n")
    if broken:
        out.write(f"Failed: {' '.join(broken)}\n")
    minutes, seconds = divmod(int(time.monotonic() - begun), 60)
    skipped = f", {total.skipped} skipped" if total.skipped else ""
    out.write(f"Took {minutes} min {seconds} s.\n"
              f"{total.passed} passed, {total.failed} failed{skipped}\n")
    return not total.failed and not broken
