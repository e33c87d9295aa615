#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""The drift check on binding crates of the registry, against the headers of
this machine.

    drift_field.py DRIFT [CRATE...]     run it (DRIFT is the ferrule-drift to
                                        use), and print a table
      --prove       ask g++ and rustc about each finding that breaks
      --again       also what was judged before with the same DRIFT, and each
                    twice, so that its seconds are without its build
      --record      write tests/drift-field/record.json, too
      --json FILE   write what was found to FILE
      --no-install  install no package

tests/drift-field/crates.toml lists the crates. What was found is kept in
target/drift-field, crate by crate, so that a run that was stopped goes on
where it was.

Exit code: 0 all were judged, 1 one could not be, 2 it could not run.
"""

import json
import os
import re
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "front"))
from steps import ROOT, Stopped, say

import drift_ctest
import drift_proofs
import field_run

FOLDER = ROOT / "tests/drift-field"
CRATES = FOLDER / "crates.toml"
RECORD = FOLDER / "record.json"
MADE = ROOT / "target/drift-field"
LEVELS = ("breaks", "letter", "note")
LIMIT = 900  # seconds for one crate, with its build
FORMAT = 2  # of what is kept: another one is of no use
SHOWN = 160  # characters of a source line that are kept


# --- The list ----------------------------------------------------------------

KEYS = {"version", "headers", "debian", "features", "no-default-features",
        "cflags", "environment", "generated"}


def crates(wanted=()):
    """{name: what the list says of it}, of all or of those that are wanted."""
    return field_run.crates(CRATES, KEYS, wanted)


# --- One crate ---------------------------------------------------------------

def command(drift, name, crate):
    words = [drift, "--package", f"{name}@{crate['version']}", "--partial",
             "--json"]
    for header in crate["headers"]:
        words += ["--header", header]
    for feature in crate.get("features", ()):
        words += ["--feature", feature]
    for flag in crate.get("cflags", ()):
        words.append(f"--cflags={flag}")
    if crate.get("no-default-features"):
        words.append("--no-default-features")
    return words


def without_places(text):
    """What does not say where things lie on this machine."""
    text = re.sub(r"[^\s:'\"(]*/registry/src/[^/\s]+/", "", text)
    text = re.sub(r"[^\s:'\"(]*/build/[^/\s]+/out/", "OUT_DIR/", text)
    text = re.sub(r"[^\s:'\"(`]*/ferrule-drift-[^/\s]+/", "SCRATCH/", text)
    return text.replace(f"{MADE}/", "").replace(f"{ROOT}/", "")


def side(found):
    if not found:
        return None
    return {"at": f"{without_places(found['file'])}:{found['line']}",
            "text": without_places(found["text"].strip())[:SHOWN],
            "whole": found["text"]}


def library(said, crate):
    """What the check says that it judged; else the package of the header."""
    m = re.search(r"^ferrule-drift: \S+ \S+ with \S+ \((.*)\)$", said, re.M)
    if m and m[1] != "version unknown":
        return m[1]
    return " ".join(f"{package} {field_run.installed(package)}"
                    for package in crate["debian"][:1])


def judged(report, said, crate):
    """What is kept of a report."""
    findings = report["drift"] + report["notes"]
    by_level = Counter(one["level"] for one in findings)
    by_level["note"] += len(report["alone"])
    return {
        "library": library(said, crate),
        "checked": report["items"]["checked"], "all": report["items"]["all"],
        **{level: by_level[level] for level in LEVELS},
        "unchecked": len(report["unchecked"]),
        "why": dict(Counter(
            re.sub(r"`[^`]*`|\b[\w:]*::\w+\b", "...", one["why"])[:SHOWN]
            for one in report["unchecked"]).most_common(5)),
        "found": [{
            "item": one["item"], "kind": one["kind"],
            "what": without_places(one["difference"]),
            "so": one["consequence"],
            "rust": side(one["rust"]), "c": side(one["c"]),
        } for one in findings if one["level"] == "breaks"],
    }


def failed(said):
    """The reason, in one line."""
    lines = [line for line in without_places(said).splitlines()
             if not re.match(r"ferrule-drift: \S+ \S+ with |\s*(Updating"
                             r"|Locking|Downloaded|Compiling|Checking)", line)]
    text = " ".join(line.strip() for line in lines if line.strip())
    return text.removeprefix("ferrule-drift: ")[:400] or "it ended without"


def environment_of(crate):
    return {**os.environ, "CARGO_TARGET_DIR": str(MADE / "cargo"),
            **crate.get("environment", {})}


def judge(drift, name, crate):
    """Run the check on a crate: what is recorded of it."""
    begun = time.monotonic()
    missing = [one for one in crate["debian"] if not field_run.installed(one)]
    if missing:
        return {"reason": f"not installed: {' '.join(missing)}"}
    environment = environment_of(crate)
    try:
        done = subprocess.run(
            command(drift, name, crate), check=False, text=True,
            capture_output=True, errors="replace", env=environment,
            cwd=MADE, timeout=LIMIT, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        return {"reason": f"not ready after {LIMIT} s"}
    (MADE / f"{name}.out").write_text(done.stdout, encoding="utf-8")
    (MADE / f"{name}.err").write_text(done.stderr, encoding="utf-8")
    if done.returncode not in (0, 1):
        return {"reason": failed(done.stderr)}
    found = judged(json.loads(done.stdout), done.stderr, crate)
    return {**found, "seconds": round(time.monotonic() - begun, 1)}


# --- All of them -------------------------------------------------------------

def run(options, chosen):
    """Judge what is chosen, and show how far it is."""
    results = {}
    for n, (name, crate) in enumerate(chosen.items(), 1):
        head = f"[{n}/{len(chosen)}] {name} {crate['version']}"
        file = MADE / f"{name}.json"
        mark = field_run.stamp(options.drift, crate, FORMAT)
        result = None if options.again else field_run.kept(file, mark)
        if result is None:
            print(f"{head} ...", file=sys.stderr, flush=True)
            result = judge(options.drift, name, crate)
            if options.again and "reason" not in result:
                result = judge(options.drift, name, crate)
            field_run.keep(file, mark, result)
        print(f"{head}: {summary(result)}", file=sys.stderr, flush=True)
        results[name] = {"version": crate["version"],
                         "generated": crate.get("generated", False), **result}
    return results


def prove(chosen, results):
    """Ask the compilers themselves about each finding that breaks."""
    reading = drift_proofs.Reading()
    for name, result in results.items():
        if not result.get("found"):
            continue
        said = MADE / f"{name}.said.json"
        # whatever the answers depend on
        key = [[[f["item"], f["kind"], f["what"]] for f in result["found"]],
               chosen[name], reading.names.get(name),
               field_run.stamp(Path(drift_proofs.__file__), {}, FORMAT)]
        try:
            before = json.loads(said.read_text("utf-8"))
        except (OSError, ValueError):
            before = {}
        if before.get("key") != key:
            print(f"the compilers on {name} ...", file=sys.stderr, flush=True)
            drift_proofs.prove(name, chosen[name],
                               environment_of(chosen[name]),
                               result["found"], reading)
            before = {"key": key, "said": [[f["gcc"], f["rustc"]]
                                           for f in result["found"]]}
            said.write_text(json.dumps(before), "utf-8")
        for finding, (gcc, rustc) in zip(result["found"], before["said"]):
            finding["gcc"], finding["rustc"] = gcc, rustc


def shown(results):
    """Without what is only asked about."""
    for result in results.values():
        if "why" in result:
            result["why"] = {without_places(why): count
                             for why, count in result["why"].items()}
        for finding in result.get("found", ()):
            for key in ("rust", "c"):
                (finding[key] or {}).pop("whole", None)
    return results


def summary(result):
    if "reason" in result:
        return f"NOT JUDGED: {result['reason']}"
    return (f"{result['checked']} of {result['all']} items, "
            f"{result['breaks']} breaks, {result['letter']} letter, "
            f"{result['note']} notes, {result['seconds']} s")


def row(name, result):
    by = "bindgen" if result["generated"] else "hand"
    start = f"| `{name}` {result['version']} | {by} "
    if "reason" in result:
        return f"{start}| not judged: {result['reason']} | | | | | | |"
    return start + "| " + " | ".join(str(value) for value in (
        result["library"], f"{result['checked']} of {result['all']}",
        *(result[level] for level in LEVELS), result["unchecked"],
        result["seconds"])) + " |"


HEAD = ("| crate | by | library | items checked | breaks | letter | notes "
        "| unchecked | seconds |\n|---|---|---|---|---|---|---|---|---|")


def table(results):
    return "\n".join([HEAD, *(row(*one) for one in results.items())])


def write(path, results, beside=None):
    found = {"crates": results}
    if beside:
        found["ctest"] = beside
    field_run.write(path, found, without_places)


def arguments():
    parser = field_run.arguments(
        "./x drift-field", "The drift check on binding crates of the registry.",
        RECORD)
    parser.add_argument("--prove", action="store_true",
                        help="ask g++ and rustc about each finding")
    return parser.parse_intermixed_args()


def main():
    options = arguments()
    chosen = crates(options.crate)
    options.drift = options.program.resolve()
    field_run.begin(options, chosen, MADE)
    results = run(options, chosen)
    print(table(results))
    if options.record or options.prove:
        prove(chosen, results)
    if options.record:
        beside = drift_ctest.run_all(chosen, results)
        write(RECORD, shown(results), beside)
    if options.json:
        write(options.json, shown(results))
    bad = [name for name, one in results.items() if "reason" in one]
    if bad:
        say(f"not judged: {', '.join(bad)}")
    return 1 if bad else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Stopped as e:
        say(e)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
