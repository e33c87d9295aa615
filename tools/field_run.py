# SPDX-License-Identifier: MIT OR Apache-2.0
"""What the runs over crates of the registry have in common: the list, Debian's
packages, what is kept between two runs, the record, and the command line.
"""

import argparse
import hashlib
import json
import os
import re
import sys
import tomllib
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "front"))
from environment import apt_install, may_install
from needs import first_number, with_sudo
from steps import ROOT, Stopped, output, say, step


def crates(path, keys, wanted=()):
    """{name: what the list says of it}, of all or of those that are wanted."""
    with path.open("rb") as file:
        found = tomllib.load(file)
    for name, crate in found.items():
        if unknown := crate.keys() - keys:
            raise Stopped(f"{path}: {name}: no such key: {min(unknown)}")
    if unknown := set(wanted) - found.keys():
        raise Stopped(f"{path} has no crate {min(unknown)}")
    return {name: found[name] for name in wanted or found}


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


def stamp(program, crate, form):
    """What a result is kept for: the program, and what the list says."""
    text = f"{form}{json.dumps(crate, sort_keys=True)}".encode()
    return hashlib.sha256(text + program.read_bytes()).hexdigest()


def kept(file, mark):
    """The result in a file, if it is of this mark."""
    try:
        found = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return found["result"] if found["mark"] == mark else None


def keep(file, mark, result):
    file.write_text(json.dumps({"mark": mark, "result": result}), "utf-8")


def machine():
    """What the results depend on, besides the crates."""
    release = re.search('^PRETTY_NAME="(.*)"$',
                        Path("/etc/os-release").read_text("utf-8"), re.M)
    return {"system": f"{release[1] if release else 'unknown'}, "
                      f"{os.uname().machine}",
            "gcc": output("cc", "-dumpfullversion").strip(),
            "rustc": first_number(output("rustc", "--version"))}


def write(path, found, without_places=str):
    """Write what was found, which names no place of this machine."""
    text = json.dumps({"machine": machine(), **found}, indent=1,
                      ensure_ascii=False)
    text = without_places(text)
    for place in {str(ROOT), os.environ.get("HOME") or str(ROOT)}:
        if place in text:
            raise Stopped(f"{path} would name {place}, which is this "
                          "machine's")
    path.write_text(f"{text}\n", encoding="utf-8")


def arguments(prog, about, record):
    """The options of both."""
    parser = argparse.ArgumentParser(prog=prog, description=about)
    parser.add_argument("program", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("crate", nargs="*", help="some of crates.toml only")
    parser.add_argument("--again", action="store_true",
                        help="also those of which there is a result")
    parser.add_argument("--record", action="store_true",
                        help=f"write {record.relative_to(ROOT)}")
    parser.add_argument("--json", type=Path, metavar="FILE",
                        help="write what was found to FILE")
    parser.add_argument("--no-install", action="store_true",
                        help="install no package")
    return parser


def begin(options, chosen, folder):
    """Refuse what cannot be, and have the packages and the folder ready."""
    if options.record and options.crate:
        raise Stopped("--record is for all crates")
    folder.mkdir(parents=True, exist_ok=True)
    if not options.no_install:
        install(lacking(chosen))
