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

import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
import time
import tomllib
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "front"))
from environment import apt_install, may_install
from needs import first_number, with_sudo
from steps import ROOT, Stopped, output, say, step

import drift_ctest
import drift_proofs

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
    with CRATES.open("rb") as file:
        found = tomllib.load(file)
    for name, crate in found.items():
        if unknown := crate.keys() - KEYS:
            raise Stopped(f"{CRATES}: {name}: no such key: {min(unknown)}")
    if unknown := set(wanted) - found.keys():
        raise Stopped(f"{CRATES} has no crate {min(unknown)}")
    return {name: found[name] for name in wanted or found}


# --- The packages with the headers -------------------------------------------

def installed(package):
    """Its version; "" if it is not there."""
    said = output("dpkg-query", "-W", "-f", "${db:Status-Abbrev}${Version}",
                  package)
    return said.removeprefix("ii ") if said.startswith("ii ") else ""


def lacking(chosen):
    wanted = dict.fromkeys(package for crate in chosen.values()
                           for package in crate["debian"])
    return [package for package in wanted if not installed(package)]


def install(packages):
    """Where we may. What is not there afterwards, its crates report."""
    if not packages:
        return
    if not may_install():
        say("packages with headers are missing. What installs them:\n"
            f"     {with_sudo(packages)}")
        return
    print(f"Installing Debian packages: {' '.join(packages)}",
          file=sys.stderr)
    step("install packages", lambda job: apt_install(job, packages))


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
    return " ".join(f"{package} {installed(package)}"
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
    missing = [one for one in crate["debian"] if not installed(one)]
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

def stamp(drift, crate):
    """What a result is kept for: the check, and what the list says."""
    text = f"{FORMAT}{json.dumps(crate, sort_keys=True)}".encode()
    return hashlib.sha256(text + drift.read_bytes()).hexdigest()


def kept(name, mark):
    try:
        found = json.loads((MADE / f"{name}.json").read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return found["result"] if found["mark"] == mark else None


def run(options, chosen):
    """Judge what is chosen, and show how far it is."""
    results = {}
    for n, (name, crate) in enumerate(chosen.items(), 1):
        head = f"[{n}/{len(chosen)}] {name} {crate['version']}"
        mark = stamp(options.drift, crate)
        result = None if options.again else kept(name, mark)
        if result is None:
            print(f"{head} ...", file=sys.stderr, flush=True)
            result = judge(options.drift, name, crate)
            if options.again and "reason" not in result:
                result = judge(options.drift, name, crate)
            (MADE / f"{name}.json").write_text(
                json.dumps({"mark": mark, "result": result}), "utf-8")
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
        key = [[f["item"], f["kind"], f["what"]] for f in result["found"]]
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


def machine():
    """What the results depend on, besides the crates."""
    release = re.search('^PRETTY_NAME="(.*)"$',
                        Path("/etc/os-release").read_text("utf-8"), re.M)
    return {"system": f"{release[1] if release else 'unknown'}, "
                      f"{os.uname().machine}",
            "gcc": output("cc", "-dumpfullversion").strip(),
            "rustc": first_number(output("rustc", "--version"))}


def write(path, results, beside=None):
    found = {"machine": machine(), "crates": results}
    if beside:
        found["ctest"] = beside
    text = without_places(json.dumps(found, indent=1, ensure_ascii=False))
    for place in {str(ROOT), os.environ.get("HOME") or str(ROOT)}:
        if place in text:
            raise Stopped(f"{path} would name {place}, which is this "
                          "machine's")
    path.write_text(f"{text}\n", encoding="utf-8")


def arguments():
    parser = argparse.ArgumentParser(prog="./x drift-field", description=(
        "The drift check on binding crates of the registry."))
    parser.add_argument("drift", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("crate", nargs="*", help="some of crates.toml only")
    parser.add_argument("--again", action="store_true",
                        help="also those that were judged before")
    parser.add_argument("--record", action="store_true",
                        help=f"write {RECORD.relative_to(ROOT)}")
    parser.add_argument("--prove", action="store_true",
                        help="ask g++ and rustc about each finding")
    parser.add_argument("--json", type=Path, metavar="FILE",
                        help="write what was found to FILE")
    parser.add_argument("--no-install", action="store_true",
                        help="install no package")
    return parser.parse_intermixed_args()


def main():
    options = arguments()
    if options.record and options.crate:
        raise Stopped("--record is for all crates")
    chosen = crates(options.crate)
    options.drift = options.drift.resolve()
    MADE.mkdir(parents=True, exist_ok=True)
    if not options.no_install:
        install(lacking(chosen))
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
