# SPDX-License-Identifier: MIT OR Apache-2.0
"""The commands of ./x, which has found this Python: main.py COMMAND ..."""

import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path

import environment
import needs
import suite
from environment import Folder, prepare, set_up
from steps import ROOT, Stopped, run, say, step
from turns import BUILD, FERRULE, Turns


def compare(turns, arguments):
    prepare("build", turns)
    there = os.access(BUILD, os.W_OK)
    reports = BUILD if there else Path(tempfile.mkdtemp(
        prefix="ferrule-report-"))
    report = reports / "report.html"
    # Another ./x compare may be at its own report just now.
    mine = reports / f"report.html.{os.getpid()}"
    # what `./x bench calls` has counted, if it has
    calls = ROOT / "build-bench/calls.json"
    if os.access(calls, os.R_OK):
        arguments = ["--calls", calls, *arguments]
    try:
        code = run(FERRULE, "compare", "--html", mine, "--default",
                   BUILD / "sample.txt", *arguments)
        if mine.exists():
            mine.replace(report)
            print(f"The report is at {report}", file=sys.stderr)
            print("New here? ./x tour shows one mistake, and who sees it",
                  file=sys.stderr)
    finally:
        mine.unlink(missing_ok=True)
        if not there and not report.exists():
            reports.rmdir()
    return code


def tour(turns, arguments):
    prepare("build", turns)
    return run(FERRULE, "tour", "--default", BUILD / "sample.txt", *arguments)


def learning(arguments):
    """The command of learn, and the learner's folder."""
    words, folder, before = [], ".", ""
    for word in arguments:
        if before == "--dir":
            folder = word
        elif word.startswith("--dir="):
            folder = word.removeprefix("--dir=")
        elif (before not in ("--drift", "--exercises")
              and not word.startswith("-")):
            words.append(word)
        before = word
    return words[0] if words else "watch", folder


def learn(turns, arguments):
    prepare("build", turns)
    drift = ROOT / "target/debug/ferrule-drift"
    command, folder = learning(arguments)
    # What grades compiles, and looks at the header.
    if (command in ("run", "watch") and not {"-h", "--help"} & {*arguments}
            and Path(folder, ".ferrule-learn.json").exists()):
        environment.set_up_rust()
        build = ["cargo", "build", "--quiet", "--locked", "--manifest-path",
                 ROOT / "Cargo.toml", "-p", "ferrule-drift"]
        if not drift.exists():
            step("build the drift check", lambda job: job.run(*build))
        elif code := run(*build):  # it takes no time that is to be shown
            return code
    if command == "watch":  # it may run all day: others may build meanwhile
        turns.build.release()
    return run(FERRULE, "learn", "--drift", drift, *arguments)


def test(turns, arguments):
    stages = suite.chosen(suite.Stages(turns).all(), arguments)
    environment.set_up_rust()
    turns.test.hold(alone=True)
    prepare("test", turns)
    # The stages that run what is in build/ hold the lock, each for itself:
    # between them, a ./x compare may build what was changed meanwhile.
    turns.build.release()
    beside = suite.BESIDE if (os.cpu_count() or 1) > 1 else ()
    return 0 if suite.run_all(stages, turns, beside=beside) else 1


def doctor(_turns, _arguments):
    environment.find_cargo()
    return 0 if needs.doctor() else 1


def book(turns, _arguments):
    prepare("build", turns)
    turns.build.hold(alone=True)
    step("run the lessons", lambda job: job.run(*suite.book_results()))
    step("book", lambda job: job.run("mdbook", "build", ROOT / "docs"))
    print(f"The book is at {ROOT}/docs/book/index.html")
    return 0


def clauses(_turns, arguments):
    return run(sys.executable, "-B", ROOT / "tools/clauses.py", *arguments)


def drift(turns, arguments):
    turns.build.hold(alone=True)
    set_up("build", "drift")
    program = ["--locked", "--manifest-path", ROOT / "Cargo.toml",
               "-p", "ferrule-drift"]
    if arguments[:1] == ["--ctest"]:
        program = ["--locked", "--manifest-path",
                   ROOT / "tests/drift-ctest/Cargo.toml",
                   "--target-dir", ROOT / "target/ctest"]
        arguments = []
    elif not arguments:
        # The library alone: bindings that drift may not compile.
        Folder(BUILD).configure()
        step("build", lambda job: job.run("meson", "compile", "-C", BUILD,
                                          "csrc/sgz:shared_library"))
        arguments = [
            "--header", ROOT / "csrc/include/sgz.h",
            "--cflags", f"-I'{ROOT}/csrc/include'",
            "--lib", BUILD / "csrc/libsgz.so",
            "--rust", ROOT / "bindings/handwritten/src/lib.rs"]
    turns.build.hold(alone=False)
    # A step shows that something happens; `cargo run --quiet` would not.
    step("build the drift check",
         lambda job: job.run("cargo", "build", *program))
    return run("cargo", "run", "--quiet", *program, "--", *arguments)


def build_release(what, package):
    step(f"build {what}",
         lambda job: job.run("cargo", "build", "--release", "--locked",
                             "--manifest-path", ROOT / "Cargo.toml",
                             "-p", package))


def drift_field(turns, arguments):
    """The check on crates of the registry: it fetches and builds them."""
    turns.build.hold(alone=True)
    set_up("build", "drift-field")
    build_release("the drift check", "ferrule-drift")
    if "--record" in arguments:
        step("build what runs ctest", lambda job: job.run(
            "cargo", "build", "--locked", "--target-dir",
            ROOT / "target/ctest", "--manifest-path",
            ROOT / "tests/drift-field/ctest/Cargo.toml"))
    turns.build.hold(alone=False)
    return run(sys.executable, "-B", ROOT / "tools/drift_field.py",
               ROOT / "target/release/ferrule-drift", *arguments)


def audit(turns, arguments):
    """Of any program, which may run for long: others may build meanwhile."""
    prepare("build", turns)
    turns.build.release()
    return run(FERRULE, "audit", *arguments)


def audit_field(turns, arguments):
    """The audit on crates of the registry: it fetches and builds them."""
    turns.build.hold(alone=True)
    set_up("build", "audit-field")
    build_release("cargo ferrule", "cargo-ferrule")
    turns.build.hold(alone=False)
    return run(sys.executable, "-B", ROOT / "tools/audit_field.py",
               ROOT / "target/release/cargo-ferrule", *arguments)


def cargo_c(_turns, _arguments):
    """It is fetched and built only if somebody asks for it here."""
    environment.set_up_rust()
    step("build cargo-c", lambda job: job.run(*needs.build_cargo_c()))
    return 0


def bench(turns, arguments):
    if arguments == ["audit"]:
        prepare("build", turns)
        return run(needs.VENV / "bin/python", ROOT / "bench/audit.py", BUILD)
    turns.build.hold(alone=True)
    set_up("bench", "bench")
    options = ["-Drust=disabled", "-Dtests=disabled", "-Ddriver=disabled"]
    name = "build-bench"
    if "--zlib" in arguments:  # another build of the library
        name += "-zlib"
        options.append("-Dlibdeflate=disabled")
    folder = Folder(ROOT / name, *options)
    folder.configure()
    step("build for the bench",
         lambda job: job.run("ninja", "-C", folder.path))
    turns.build.hold(alone=False)
    script = "bench"
    if arguments[:1] in (["throughput"], ["calls"]):
        script = arguments.pop(0)
    return run(needs.VENV / "bin/python", ROOT / f"bench/{script}.py",
               folder.path, *arguments)


def fuzz(turns, arguments):
    turns.build.hold(alone=True)
    set_up("test", "fuzz")
    if not environment.has_fuzzer():
        raise Stopped("clang has no libFuzzer here: ./x doctor says what "
                      "installs it")
    step("build for fuzzing", environment.build_fuzz)
    turns.build.hold(alone=False)
    return run(sys.executable, "-B", ROOT / "tests/fuzz/fuzz.py",
               environment.FUZZ, *arguments)


def clean(turns, _arguments):
    turns.test.hold(alone=True)
    turns.build.hold(alone=True)
    for path in (BUILD, *ROOT.glob("build-*"), ROOT / "target",
                 ROOT / "docs/book"):
        if path.exists():
            shutil.rmtree(path)
    return 0


COMMANDS = {f.__name__.replace("_", "-"): f for f in (
    compare, tour, learn, test, doctor, bench, book, fuzz, clauses, drift,
    drift_field, audit, audit_field, cargo_c, clean)}


def ended(_signal, _frame):
    sys.exit(128 + signal.SIGTERM)


def main(command, *arguments):
    # Compilers and the driver make temporary files.
    tmp = os.environ.get("TMPDIR")
    if tmp and not (os.path.isdir(tmp) and os.access(tmp, os.W_OK)):
        say(f"TMPDIR is {tmp}, where nothing can be written: using /tmp")
        del os.environ["TMPDIR"]
    signal.signal(signal.SIGTERM, ended)
    try:
        return COMMANDS[command](Turns(command), list(arguments))
    except Stopped as e:
        sys.stdout.flush()
        say(e)
        return 2
    except KeyboardInterrupt:
        say("interrupted")
        return 128 + signal.SIGINT


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
