# SPDX-License-Identifier: MIT OR Apache-2.0
"""The tables of the chapter on the field run, from what is recorded.

tests/drift-field/record.json is what `./x drift-field --record` found, and
read.toml what a person found who read it. A finding that nobody has read fails
the book.
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tools"))
import drift_proofs
from reader import Problem, ROOT

RECORD = ROOT / "tests/drift-field/record.json"
VERDICTS = {
    "fault": "The crate is wrong, whatever the version.",
    "version": "The crate was written for another version of the library.",
    "meant": "The crate differs on purpose, or it does no harm here.",
    "ours": "A false alarm, which is not mended yet.",
}


def record():
    return json.loads(RECORD.read_text(encoding="utf-8"))


def code(text):
    """As code in a cell of a table."""
    text = " ".join(text.split()).replace("|", "\\|")
    return f"`` {text} ``" if text else ""


def crates():
    """The table of all crates."""
    found = record()
    lines = ["| crate | written by | library | items checked | breaks | letter "
             "| notes | unchecked | seconds |",
             "|---|---|---|---|---|---|---|---|---|"]
    for name, one in found["crates"].items():
        by = "bindgen" if one["generated"] else "hand"
        start = f"| `{name}` {one['version']} | {by} "
        if "reason" in one:
            lines.append(f"{start}| not judged: {one['reason']} | | | | | | |")
            continue
        lines.append(start + "| " + " | ".join(str(value) for value in (
            one["library"], f"{one['checked']} of {one['all']}",
            one["breaks"], one["letter"], one["note"], one["unchecked"],
            one["seconds"])) + " |")
    return "\n".join(lines) + "\n"


def sums():
    """How many there are of each."""
    found = record()
    judged = [one for one in found["crates"].values() if "reason" not in one]
    reading = drift_proofs.Reading()
    counts = dict.fromkeys(VERDICTS, 0)
    for name, one in found["crates"].items():
        for finding in one.get("found", ()):
            counts[read(reading, name, finding)["verdict"]] += 1
    rows = "".join(f"| {verdict} | {counts[verdict]} | {text} |\n"
                   for verdict, text in VERDICTS.items())
    machine = found["machine"]
    checked = sum(one["checked"] for one in judged)
    items = sum(one["all"] for one in judged)
    return (f"{len(judged)} crates were judged on {machine['system']}, with gcc "
            f"{machine['gcc']} and rustc {machine['rustc']}: {checked:,} of "
            f"{items:,} items were checked, and "
            f"{sum(one['breaks'] for one in judged)} findings break something."
            "\nEach of these was read by a person, with the header and the "
            "crate's source beside.\n\n"
            f"| verdict | findings | |\n|---|---|---|\n{rows}")


def read(reading, crate, finding):
    entry = reading.of(crate, finding["item"])
    if entry is None:
        raise Problem(f"{drift_proofs.READ.relative_to(ROOT)}: nothing is said "
                      f"of {crate}: {finding['item']}: {finding['what']}")
    return entry


def breaks():
    """Each finding that breaks something, by crate and by what was read."""
    text = []
    reading = drift_proofs.Reading()
    for name, one in record()["crates"].items():
        groups = {}
        for finding in one.get("found", ()):
            entry = read(reading, name, finding)
            groups.setdefault(id(entry), (entry, []))[1].append(finding)
        if groups:
            text.append(f"### {name} {one['version']}, with {one['library']}\n")
        text += [group(entry, findings) for entry, findings in groups.values()]
    return "\n".join(text)


def group(entry, findings):
    rows = "".join(
        f"| {code(one['item'])} | {one['what'].replace('|', chr(92) + '|')} "
        f"| {code((one['rust'] or {}).get('text', ''))} "
        f"| {code((one['c'] or {}).get('text', ''))} "
        f"| {code(one.get('gcc', ''))} | {code(one.get('rustc', ''))} |\n"
        for one in findings)
    return (f"**{entry['verdict']}**: {entry['means']}\n\n"
            "| item | difference | Rust | C | gcc | rustc |\n"
            f"|---|---|---|---|---|---|\n{rows}")


def ctest():
    """ctest beside, crate by crate."""
    lines = ["| crate | findings that break | of these seen by ctest | further "
             "reports of ctest | items that ctest cannot compile | seconds "
             "|", "|---|---|---|---|---|---|"]
    found = record()
    for name, one in found.get("ctest", {}).items():
        start = f"| `{name}` {found['crates'][name]['version']} "
        if "reason" in one:
            lines.append(f"{start}| | not run: {one['reason']} | | | |")
            continue
        seen = ", ".join(f"`{item}`" for item in one["seen"]) or "none"
        more = "; ".join(report.replace("|", "\\|") for report in one["more"])
        lines.append(f"{start}| {one['findings']} | {len(one['seen'])}: {seen} "
                     f"| {more or 'none'} | {one['refused']} "
                     f"| {one['seconds']} |")
    return "\n".join(lines) + "\n"


PARTS = {"crates": crates, "sums": sums, "breaks": breaks, "ctest": ctest}
