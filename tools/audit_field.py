#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""The audit on the test suites of crates of the registry that bind C.

    audit_field.py CARGO_FERRULE [CRATE...]   run it, and print a table
      --again       also what was audited before with the same program
      --record      write tests/audit-field/record.json, too
      --json FILE   write what was found to FILE
      --no-install  install no package

tests/audit-field/crates.toml lists the crates. Each is built once, by
`cargo ferrule audit test`; then its test programs run plain, audited, with
gcc's AddressSanitizer preloaded, and in valgrind, to compare the time.
Doctests are audited, and not timed. What was found is kept in
target/audit-field, crate by crate, so that a run that was stopped goes on
where it was.

Exit code: 0 all were audited, 1 one could not be, 2 it could not run.
"""

import hashlib
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tarfile
import time
import tomllib
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "front"))
from steps import ROOT, Stopped, output, say

import drift_field
import field_run

FOLDER = ROOT / "tests/audit-field"
CRATES = FOLDER / "crates.toml"
RECORD = FOLDER / "record.json"
READ = FOLDER / "read.toml"
MADE = ROOT / "target/audit-field"
FORMAT = 1  # of what is kept: another one is of no use
LIMIT = 900  # seconds for one run of a suite
TIMES = 3  # runs of which the median counts
LEAST = 1000  # blocks of each side: fewer prove nothing
KEYS = {"version", "sha256", "debian", "arguments", "tests", "without",
        "few", "files", "valgrind"}
WAYS = ("plain", "audited", "asan", "valgrind")


# --- The list ----------------------------------------------------------------

def crates(wanted=()):
    """{name: what the list says of it}, of all or of those that are wanted."""
    return field_run.crates(CRATES, KEYS, wanted)


def unpacked(name, crate):
    """The folder of a crate's source, as the registry has it."""
    whole = f"{name}-{crate['version']}"
    folder = MADE / whole
    if folder.exists():
        return folder
    url = f"https://static.crates.io/crates/{name}/{whole}.crate"
    archive = MADE / f"{whole}.crate"
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:
            archive.write_bytes(answer.read())
    except OSError as e:
        raise Stopped(f"{url}: {e}") from None
    if hashlib.sha256(archive.read_bytes()).hexdigest() != crate["sha256"]:
        raise Stopped(f"{url}: it is not the archive that is listed")
    with tarfile.open(archive) as packed:
        packed.extractall(MADE, filter="data")
    return folder


def fetched(name, crate):
    """The same, ready for its tests."""
    folder = unpacked(name, crate)
    manifest = folder / "Cargo.toml"
    text = manifest.read_text(encoding="utf-8")
    if "[workspace]" not in text:
        # it is no part of the workspace around it
        manifest.write_text(f"{text}\n[workspace]\n", encoding="utf-8")
    for file in crate.get("files", ()):
        add_file(folder, file)
    return folder


def add_file(folder, file):
    """What the tests read, and the archive lacks: from another crate, or what
    a program prints."""
    target = folder / file["to"]
    target.parent.mkdir(parents=True, exist_ok=True)
    if "crate" in file:
        shutil.copy(unpacked(file["crate"], file) / file["path"], target)
        return
    with target.open("wb") as made:
        try:
            subprocess.run(file["command"], cwd=folder, check=True,
                           stdout=made)
        except (OSError, subprocess.CalledProcessError) as e:
            raise Stopped(f"{target.name}: {e}") from None


# --- Its audit ---------------------------------------------------------------

def run(words, folder, environment=None):
    """What came of a program, with its seconds; None: it took too long."""
    begun = time.monotonic()
    try:
        done = subprocess.run(
            [*map(str, words)], cwd=folder, check=False, text=True,
            capture_output=True, errors="replace", stdin=subprocess.DEVNULL,
            timeout=LIMIT, env={**os.environ, **(environment or {})})
    except subprocess.TimeoutExpired:
        return None
    done.seconds = time.monotonic() - begun
    return done


def audit(cargo_ferrule, name, crate, folder):
    """The report on its suite, and what its tests said."""
    file = MADE / f"{name}.json"
    file.unlink(missing_ok=True)
    words = [cargo_ferrule, "ferrule", "audit", "--json", file, "test",
             "--no-fail-fast", *crate.get("arguments", ()), "--",
             *crate.get("tests", ())]
    done = run(words, folder, {
        "CARGO_TARGET_DIR": str(MADE / "cargo" / name)})
    if done is None:
        raise Stopped(f"not ready after {LIMIT} s")
    (MADE / f"{name}.out").write_text(done.stdout + done.stderr, "utf-8")
    if not file.exists() or '"nothing-ran"' in file.read_text("utf-8"):
        raise Stopped(" ".join(done.stderr.split())[-400:])
    return json.loads(file.read_text("utf-8")), done.stdout


def tests(said):
    """How many passed and failed."""
    found = re.findall(r"test result: .* (\d+) passed; (\d+) failed", said)
    return {"passed": sum(int(one[0]) for one in found),
            "failed": sum(int(one[1]) for one in found)}


def shown(stack):
    """A stack as a person reads it: without what only forwards."""
    frames = [one for one in stack if one["function"]
              and not one["plumbing"]]
    return [f"{one['function']} ({Path(one['file'] or one['object']).name}"
            + (f":{one['line']})" if one["file"] else ")")
            for one in frames[:4]]


def found(report):
    return [{"fault": one["fault"], "message": one["message"],
             "count": one["count"],
             "allocated": shown(one["allocated"]["stack"]),
             "freed": shown(one["freed"]["stack"])}
            for one in report["findings"]]


# --- Its time ----------------------------------------------------------------

def programs(report):
    """The test programs that ran, but not those of doctests."""
    every = (one["program"] for one in report["processes"]
             if one["forked_from"] is None)
    return [one for one in dict.fromkeys(every) if Path(one).exists()]


def way_of(way, tools):
    """The words before a program, and the environment, of a way to run it."""
    if way == "audited":
        return [tools / "ferrule-audit", "--quiet", "--exit-code", "0",
                "--"], {}
    if way == "valgrind":
        return ["valgrind", "-q"], {}
    if way == "asan":
        library = output("gcc", "-print-file-name=libasan.so").strip()
        return [], {"LD_PRELOAD": library,
                    "ASAN_OPTIONS": "detect_leaks=0"}
    return [], {}


# What a sanitizer or valgrind prints of a free that should not be.
WRONG = re.compile(r"alloc-dealloc-mismatch|Mismatched free|Invalid free"
                   r"|attempting (?:double-)?free")


def suite(way, every, folder, tools, words):
    """Seconds of all programs, and what was said of frees; or the reason why
    there are none."""
    before, environment = way_of(way, tools)
    environment["CARGO_MANIFEST_DIR"] = str(folder)
    seconds, wrong = 0, 0
    for program in every:
        done = run([*before, program, *words], folder, environment)
        if done is None:
            return f"not ready after {LIMIT} s", 0
        if done.returncode not in (0, 101):
            return f"ended with {done.returncode}", 0
        seconds += done.seconds
        wrong += len(WRONG.findall(done.stdout + done.stderr))
    return seconds, wrong


def timed(crate, report, folder, tools):
    """Seconds by way, and what others said of frees. valgrind may have fewer
    tests, so it has a plain run of its own."""
    every = programs(report)
    few = crate.get("valgrind", [])
    result = {"wrong_by_others": 0}
    for way in (*WAYS, "plain_of_valgrind"):
        words = [*crate.get("tests", ())]
        if "valgrind" in way:
            words += few
        kind = "plain" if way.startswith("plain") else way
        times = 1 if way == "valgrind" else TIMES
        taken = [suite(kind, every, folder, tools, words)
                 for _ in range(times)]
        reasons = [one for one, _ in taken if isinstance(one, str)]
        result[way] = reasons[0] if reasons else round(
            statistics.median(one for one, _ in taken), 3)
        result["wrong_by_others"] += taken[0][1]
    return result


def judge(cargo_ferrule, name, crate):
    """What is recorded of a crate."""
    missing = [one for one in crate["debian"]
               if not field_run.installed(one)]
    if missing:
        return {"reason": f"not installed: {' '.join(missing)}"}
    try:
        folder = fetched(name, crate)
        report, said = audit(cargo_ferrule, name, crate, folder)
    except Stopped as e:
        return {"reason": drift_field.without_places(str(e))}
    checked = report["checked"]
    tools = MADE / "cargo" / name / "ferrule-audit/bin"
    return {
        "tests": tests(said),
        "rust_objects": checked["rust_objects"],
        "functions_patched": checked["functions_patched"],
        "blocks": {side: checked["blocks"][side]["allocated"]
                   for side in ("rust", "c", "cpp")},
        "findings": found(report),
        "not_checked": [f"{Path(one['object']).name}: {one['reason']}"
                        for one in report["not_checked"]],
        "seconds": timed(crate, report, folder, tools),
    }


# --- All of them -------------------------------------------------------------

def ratio(seconds, way):
    """Of a way to a plain run; None where one has no time."""
    plain = seconds["plain_of_valgrind" if way == "valgrind" else "plain"]
    if isinstance(plain, str) or isinstance(seconds[way], str):
        return None
    return seconds[way] / plain


def ratio_words(seconds, way):
    value = ratio(seconds, way)
    return seconds[way] if value is None else f"{value:.2f}"


AUDITED = ("| crate | tests | Rust objects | functions patched | blocks of Rust "
           "| blocks of C | findings |\n|---|---|---|---|---|---|---|")
COST = ("| crate | plain, seconds | audited | AddressSanitizer | valgrind |\n"
        "|---|---|---|---|---|")


def line(*cells):
    return f"| {' | '.join(cells)} |"


def title(name, one):
    return f"`{name}` {one['version']}"


def row(name, one):
    """What was audited."""
    if "reason" in one:
        return line(title(name, one), f"not audited: {one['reason']}",
                    *[""] * 5)
    return line(title(name, one), str(one["tests"]["passed"]),
                str(one["rust_objects"]), str(one["functions_patched"]),
                f"{one['blocks']['rust']:,}", f"{one['blocks']['c']:,}",
                str(len(one["findings"])))


def cost(name, one):
    """How long it took."""
    seconds = one["seconds"]
    return line(title(name, one), f"{seconds['plain']}",
                *(ratio_words(seconds, way) for way in WAYS[1:]))


def table(results):
    """What was audited, and how long it took."""
    timed_ones = [one for one in results.items() if "reason" not in one[1]]
    return "\n".join([AUDITED, *(row(*one) for one in results.items()), "",
                      COST, *(cost(*one) for one in timed_ones)])


def remarks(chosen):
    """What the list says of tests that were left out, and of valgrind's."""
    lines = []
    for name, crate in chosen.items():
        lines += [f"- `{name}`: {crate[key]}." for key in ("without", "few")
                  if key in crate]
        if "valgrind" in crate:
            words = ", ".join(f"`{word}`" for word in crate["valgrind"])
            lines.append(f"- `{name}`: in valgrind only the tests with "
                         f"{words} in their names ran.")
    return "\n".join(lines)


def reading():
    """{(crate, message): what a person says of a finding}."""
    with READ.open("rb") as file:
        entries = tomllib.load(file).get("finding", [])
    return {(one["crate"], one["message"]): one["why"] for one in entries}


def chapter():
    """For the book: the table, its remarks, and the findings as read."""
    recorded = json.loads(RECORD.read_text(encoding="utf-8"))
    machine = recorded["machine"]
    why = [f"- `{crate}`, {message}: {text}"
           for (crate, message), text in reading().items()]
    return "\n\n".join([
        f"On {machine['system']}, gcc {machine['gcc']}, rustc "
        f"{machine['rustc']}:", table(recorded["crates"]),
        remarks(crates()), "\n".join(why) or "There are no findings."])


def too_little(one, crate):
    """Why the audit of a crate proves too little; "" if it is enough."""
    if "reason" in one:
        return one["reason"]
    if one["not_checked"]:
        return one["not_checked"][0]
    if one["tests"]["failed"]:
        return f"{one['tests']['failed']} of its tests failed"
    least = min(one["blocks"]["rust"], one["blocks"]["c"])
    if least < LEAST and "few" not in crate:
        return f"fewer than {LEAST} blocks of one side"
    if one["functions_patched"] != 4 * one["rust_objects"]:
        return "not all functions are patched"
    return ""


def result_of(options, name, crate):
    """As it was kept, or else as it is found now."""
    program = options.program.resolve()
    mark = field_run.stamp(program, crate, FORMAT)
    file = MADE / f"{name}.result.json"
    result = None if options.again else field_run.kept(file, mark)
    if result is None:
        print(f"{name} {crate['version']} ...", file=sys.stderr, flush=True)
        result = {"version": crate["version"], **judge(program, name, crate)}
        field_run.keep(file, mark, result)
    print(row(name, result), file=sys.stderr, flush=True)
    return result


def main():
    options = field_run.arguments(
        "./x audit-field", "The audit on the test suites of crates that bind C.",
        RECORD).parse_intermixed_args()
    chosen = crates(options.crate)
    field_run.begin(options, chosen, MADE)
    results = {name: result_of(options, name, crate)
               for name, crate in chosen.items()}
    print(table(results))
    if options.record:
        field_run.write(RECORD, {"crates": results})
    if options.json:
        field_run.write(options.json, {"crates": results})
    bad = {name: why for name, one in results.items()
           if (why := too_little(one, chosen[name]))}
    for name, why in bad.items():
        say(f"{name}: {why}")
    return 1 if bad else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Stopped as e:
        say(e)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
