# SPDX-License-Identifier: MIT OR Apache-2.0
"""ctest on some of the crates of ./x drift-field, beside the drift check.

ctest is set up as its manual says. Where what it wrote does not compile, the
item that the compiler names is left out, and the rest is tried again: a person
would read each of these, and so an item that is left out counts as seen.
"""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "front"))
import drift_proofs
from steps import ROOT

MADE = ROOT / "target/drift-field"
PROGRAM = ROOT / "target/ctest/debug/ferrule-field-ctest"
CRATES = ("libdbus-sys", "libseccomp-sys", "libssh-sys", "libusb1-sys",
          "lz4-sys", "sndfile-sys")
ROUNDS = 60  # of leaving out what does not compile


def built(name, crate, environment):
    """Where the crate's source is, its features and cfgs, and how rustc finds
    what it uses: as Cargo says."""
    folder = MADE / "ctest" / name
    (folder / "src").mkdir(parents=True, exist_ok=True)
    (folder / "Cargo.toml").write_text(
        drift_proofs.manifest(name, crate), "utf-8")
    main = folder / "src/main.rs"
    main.write_text("fn main() {}\n", encoding="utf-8")
    done = subprocess.run(
        ["cargo", "build", "--message-format=json"], check=True, text=True,
        capture_output=True, cwd=folder, env=environment, timeout=900)
    found = {"cfgs": [], "externs": {}}
    for line in done.stdout.splitlines():
        message = json.loads(line) if line.startswith("{") else {}
        target = message.get("target", {})
        ours = f"/{name}@" in message.get("package_id", "") \
            or f"#{name}@" in message.get("package_id", "")
        if message.get("reason") == "build-script-executed" and ours:
            found["cfgs"] += message["cfgs"]
            found["out"] = message["out_dir"]
        if message.get("reason") == "compiler-artifact" \
                and "lib" in target.get("kind", []):
            files = [f for f in message["filenames"] if f.endswith(".rlib")]
            if ours:
                found["source"] = target["src_path"]
                found["edition"] = target["edition"]
                found["cfgs"] += [f'feature="{f}"'
                                  for f in message["features"]]
            elif files:
                found["externs"][target["name"].replace("-", "_")] = files[0]
    return folder, found


def wrapper(folder, found):
    """A rustc that finds what the crate uses, which ctest's would not."""
    path = folder / "rustc"
    externs = " ".join(f"--extern {name}={file}"
                       for name, file in found["externs"].items())
    deps = MADE / "cargo/debug/deps"
    path.write_text(f'#!/bin/sh\nexec rustc -L dependency={deps} {externs} '
                    f'"$@"\n', encoding="utf-8")
    path.chmod(0o755)
    return path


def tagged(folder, name, crate, flags, text):
    """The types that C knows by `struct NAME` alone."""
    names = sorted(set(re.findall(
        r"\b(?:struct|union|enum|type) (\w+)", "\n".join(
            path.read_text("utf-8", "replace") for path in
            Path(crate["source"]).parent.rglob("*.rs")))))
    source = folder / "tags.c"
    start = text.count("\n") + 1
    text += "".join(f"extern {n} *ft_{n};\n" for n in names)
    source.write_text(text, encoding="utf-8")
    done = subprocess.run(["cc", "-w", "-fsyntax-only", "-fmax-errors=0",
                           *flags, source], check=False, text=True,
                          capture_output=True, timeout=120)
    bad = {int(n) - start for n in re.findall(
        rf"^{re.escape(str(source))}:(\d+):\d+: error", done.stderr, re.M)}
    return [names[n] for n in sorted(bad) if 0 <= n < len(names)]


def task(name, crate, found, folder, skipped, said):
    flags = drift_proofs.c_flags(said, crate)
    lines = [f"crate {found['source']}", f"out {folder}",
             f"edition {max(found['edition'], '2021')}"]
    lines += [f"header {header}" for header in crate["headers"]]
    lines += [f"include {flag[2:]}" for flag in flags if flag[:2] == "-I"]
    lines += [f"flag {flag}" for flag in flags if flag[:2] != "-I"]
    lines += [f"cfg {cfg}" for cfg in found["cfgs"]]
    lines += [f"tagged {one}" for one in
              tagged(folder, name, found, flags, drift_proofs.includes(crate))]
    return lines + [f"skip {one}" for one in sorted(skipped)]


def refused(text, names):
    """The items that a compiler's errors are about."""
    found = set()
    for kind, what in re.findall(r"ctest_(\w+?)__(\w+)", text):
        if "field" in kind and "__" in what:
            owner, field = what.split("__", 1)
            found.add(f"{owner}.{field}")
        else:
            found.add(what)
    found |= set(re.findall(r"[‘'](\w+)[’'] undeclared", text)) & names
    if found:
        return found
    # rustc's errors, and what else is said in quotes
    return {what for what in re.findall(
        r"[‘'`](?:struct |union )?(\w+)[’'`]", text) if what in names}


def compile_test(name, crate, found, folder, environment, said):
    """Generate, leaving out what does not compile: what was left out, and why
    it came to nothing, if it did."""
    library = name.replace("-", "_")
    modules = ["", *(f"::{module}" for module in drift_proofs.Reading()
                     .names.get(name, {}).get("modules", []))]
    names = set(re.findall(r"\b(?:fn|struct|union|enum|type|const|static) "
                           r"(?:mut )?(\w+)", "\n".join(
                               p.read_text("utf-8", "replace") for p in
                               Path(found["source"]).parent.rglob("*.rs"))))
    skipped = set()
    environment = {**environment, "RUSTC": str(wrapper(folder, found)),
                   "OUT_DIR": found.get("out", ""),
                   "CARGO_PKG_VERSION": crate["version"]}
    for _ in range(ROUNDS):
        lines = task(name, crate, found, folder, skipped, said)
        done = subprocess.run([PROGRAM], check=False, text=True, timeout=600,
                              input="\n".join(lines) + "\n",
                              capture_output=True, env=environment)
        text = done.stdout + done.stderr
        if done.returncode == 0:
            (folder / "src/main.rs").write_text(
                "#![allow(warnings)]\n" + "".join(
                    f"use {library}{module}::*;\n" for module in modules) +
                f'include!("{folder}/made.rs");\n', encoding="utf-8")
            done = subprocess.run(
                ["cargo", "rustc", "--quiet", "--", "-L", f"native={folder}",
                 "-l", "static=made"], check=False, text=True,
                capture_output=True, cwd=folder, timeout=600,
                env={k: v for k, v in environment.items() if k != "RUSTC"})
            text = done.stdout + done.stderr
            if done.returncode == 0:
                return skipped, ""
        (folder / "log").write_text(text, encoding="utf-8")
        more = refused(text, names) - skipped
        if not more:
            return skipped, " ".join(text.split())[:300]
        skipped |= more
    return skipped, f"not ready after {ROUNDS} rounds"


def says(report, item):
    """Whether a report of ctest is about an item."""
    return all(re.search(rf"\b{re.escape(part)}\b", report)
               for part in item.split("."))


def run_one(name, crate, environment, findings):
    """What ctest says of a crate, beside the findings."""
    said = (MADE / f"{name}.err").read_text(encoding="utf-8")
    folder, found = built(name, crate, environment)
    begun = time.monotonic()
    skipped, why = compile_test(name, crate, found, folder, environment, said)
    if why:
        return {"reason": why.replace(f"{MADE}/", ""),
                "skipped": sorted(skipped)}
    seconds = time.monotonic() - begun
    begun = time.monotonic()
    program = Path(environment["CARGO_TARGET_DIR"]) / "debug/proof"
    done = subprocess.run([program], check=False, text=True, timeout=300,
                          capture_output=True)
    reports = re.findall(r"^bad (.*)$", done.stdout + done.stderr, re.M)
    passed = re.search(r"PASSED (\d+) tests", done.stdout + done.stderr)
    names = {one["item"] for one in findings}
    seen = [item for item in sorted(names) if item in skipped
            or any(says(report, item) for report in reports)]
    more = [report for report in reports
            if not any(says(report, item) for item in names)]
    refused_too = [item for item in skipped if "__" not in item
                   and not any(item.split(".")[0] == name.split(".")[0]
                               for name in names)]
    return {"findings": len(names), "seen": seen,
            "reports": len(reports), "more": more[:20],
            "ended": done.returncode, "tests": passed[1] if passed else "",
            "refused": len(refused_too), "skipped": sorted(skipped),
            "seconds": round(seconds + time.monotonic() - begun, 1)}


def run_all(chosen, results):
    """Those of CRATES that were judged."""
    beside = {}
    for name in CRATES:
        if "found" not in results.get(name, {}):
            continue
        print(f"ctest on {name} ...", file=sys.stderr, flush=True)
        environment = {**os.environ, **chosen[name].get("environment", {}),
                       "CARGO_TARGET_DIR": str(MADE / "cargo")}
        beside[name] = run_one(name, chosen[name], environment,
                               results[name]["found"])
    return beside
