# SPDX-License-Identifier: MIT OR Apache-2.0
"""The versions of Rust that claims are checked on: the current one, the oldest
that the project allows, and stable.

Toolchains of the person who runs this are used and never changed. If it is
allowed to install one, it goes to a folder of the project.
"""

import os
import re
import subprocess
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent.parent
OWN = ROOT / ".tools/rustup"
IN_OWN = {"RUSTUP_HOME": str(OWN)}
OLDEST = "1.85.0"
WANTED = (OLDEST, "stable")
INSTALL_SECONDS = 300


class Toolchain(NamedTuple):
    name: str
    rustc: tuple = ()
    env: dict = {}
    version: str = ""
    # why it is not there, and what to type
    missing: str = ""


def may_install(arguments):
    """Whether somebody has asked for it."""
    return "--install" in arguments or os.environ.get("CI") == "true"


def output(words, env=None, seconds=60):
    """What a program prints; None if it fails, or is not there."""
    try:
        done = subprocess.run(
            [*words], check=False, text=True, errors="replace", cwd=ROOT,
            stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds,
            # newer ones would install whatever they are asked for
            env={**os.environ, **(env or {}), "RUSTUP_AUTO_INSTALL": "0"})
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None


def version(rustc, env=None):
    """`rustc 1.95.0 (59807616e 2026-04-14)`: None if it does not run."""
    said = output([*rustc, "--version"], env)
    return said.strip() if said else None


def current():
    rustc = (os.environ.get("RUSTC", "rustc"),)
    said = version(rustc)
    if not said:
        return Toolchain("current", missing="rustc does not run; ./x doctor "
                                            "says what installs it")
    return Toolchain("current", rustc, {}, said)


def through_rustup(name, env):
    rustc = ("rustup", "run", name, "rustc")
    said = version(rustc, env)
    return [Toolchain(name, rustc, env, said)] if said else []


def numbers(toolchain):
    return [int(n) for n in re.findall(r"\d+", toolchain.version)]


def installed(name):
    """The newest with this name, of the person's and the project's."""
    found = through_rustup(name, {})
    if OWN.is_dir():  # rustup would make it
        found += through_rustup(name, IN_OWN)
    return max(found, key=numbers, default=None)


def up_to_date(name):
    """Whether rustup says so of the toolchain that is installed: it asks the
    network, and older ones answer with another exit code."""
    try:
        said = subprocess.run(
            ["rustup", "check"], check=False, text=True, capture_output=True,
            stdin=subprocess.DEVNULL, timeout=60).stdout
    except (OSError, subprocess.TimeoutExpired):
        return False
    return any(line.startswith(name) and "up to date" in line.lower()
               for line in said.splitlines())


def install(name, report):
    """Whether it is in our folder now, the newest with this name."""
    report(f"installing Rust {name} in {OWN}")
    return output(["rustup", "toolchain", "install", "--profile", "minimal",
                   "--no-self-update", name], IN_OWN,
                  INSTALL_SECONDS) is not None


def find(name, install_it, report):
    """What is there through rustup, and what is missing. To install `stable`
    is to have the newest one, also if an older one is there."""
    if output(["rustup", "--version"]) is None:
        return [Toolchain(name, missing="there is no rustup: "
                                        "https://rustup.rs installs it")]
    here = installed(name)
    command = f"rustup toolchain install --profile minimal {name}"
    if install_it and not (here and (name != "stable" or up_to_date(name))):
        well = install(name, report)
        here = installed(name)
        if not well:
            what = "the newest " + name if here else name
            return [one for one in [here] if one] + [Toolchain(
                what, missing=f"it cannot be installed here: {command}")]
    return [here or Toolchain(name, missing="it is not installed: " + command)]


def all_of(install_it, report):
    """Each once: a name for what is there under another name is left out, and
    report() says so."""
    found = [current()]
    for one in [one for name in WANTED
                for one in find(name, install_it, report)]:
        same = [old for old in found if old.version
                and old.version == one.version]
        if same:
            report(f"{one.name} is {one.version}, as {same[0].name} is")
        else:
            found.append(one)
    return found
