# SPDX-License-Identifier: MIT OR Apache-2.0
"""What the project needs: what is here of it, and what installs the rest."""

import importlib.util
import os
import re
import shlex
import shutil
from typing import NamedTuple

from steps import TOOLS, output

VENV = TOOLS / "venv"
RUST_LEAST = "1.85"
PYTHON_LEAST = "3.11"


class Need(NamedTuple):
    # build: for ./x compare, test: for ./x test, bench: for ./x bench, rust,
    # venv; extra: for one stage of ./x test
    level: str
    name: str
    purpose: str
    debian: str = ""
    fedora: str = ""
    arch: str = ""


NEEDS = [Need(*row.split("|")) for row in """\
build|cc|compiling C|gcc libc6-dev|gcc|gcc
build|pkg-config|finding C libraries|pkg-config|pkgconf-pkg-config|pkgconf
build|zlib|libsgz: deflate and CRC-32|zlib1g-dev|zlib-devel|zlib
build|jansson|driver: --json|libjansson-dev|jansson-devel|jansson
build|libxml-2.0|driver: --html and --junit|libxml2-dev|libxml2-devel|libxml2
build|libdw|driver: names in reports|libdw-dev libelf-dev libiberty-dev|\
elfutils-devel binutils-devel|libelf binutils
build|cmocka|C unit tests|libcmocka-dev|libcmocka-devel|cmocka
build|python3|the private environment|python3|python3|python
build|python3-venv|the private environment|python3-venv|python3|python
rust|cargo|compiling Rust
rust|rustc|compiling Rust
rust|clippy|test: lints
rust|rustfmt|test: formatting
venv|meson|building C, and all of it together
venv|ninja|the same
venv|libclang|bindgen: reading headers
venv|mdbook|book
venv|clang-format|test: formatting of C
venv|shellcheck|test: x, and other scripts
test|c++|test: headers as C++|g++|gcc-c++|gcc
test|cmake|test: a program that finds a library|cmake|cmake|cmake
test|clang|test: a second compiler's warnings|clang|clang|clang
test|libFuzzer|test: fuzz|libclang-rt-dev|compiler-rt|compiler-rt
test|valgrind|test, bench: memory, instructions|valgrind|valgrind|valgrind
test|bgzip|test, bench: the files of others|tabix|htslib-tools|htslib
bench|htslib|bench throughput: a peer|libhts-dev|htslib-devel|htslib
test|libisal|test: a codec as a plugin|libisal-dev|isa-l-devel|isa-l
test|chromium|test: the HTML report in a browser|chromium|chromium|chromium
extra|cargo-c|test: a library that it installs
""".splitlines()]


def first_number(text):
    m = re.search(r"^[^0-9\n]*([0-9][0-9.]*[0-9])", text, re.M)
    return m[1] if m else ""


def version_of(name):
    """The version of what a row names; "" if it is not there."""
    if name in ("zlib", "jansson", "libxml-2.0", "libdw", "cmocka", "htslib",
                "libisal"):
        return output("pkg-config", "--modversion", name).strip()
    if name in ("cc", "c++"):
        return output(name, "-dumpfullversion").strip()
    if name == "python3-venv":
        there = all(map(importlib.util.find_spec, ("ensurepip", "venv")))
        return version_of("python3") if there else ""
    if name == "libclang":
        return output(VENV / "bin/python", "-c", "import importlib.metadata "
                      "as m; print(m.version('libclang'))").strip()
    if name == "libFuzzer":
        found = output("clang", "-print-file-name=libclang_rt.fuzzer-"
                       f"{os.uname().machine}.a")
        return version_of("clang") if os.path.isfile(found.strip()) else ""
    if name == "cargo-c":
        return first_number(output(f"{find_cargo_c()}/cargo-cinstall",
                                   "--version")) if find_cargo_c() else ""
    if name == "clippy":
        return first_number(output("cargo", "clippy", "--version"))
    in_venv = any(n.level == "venv" and n.name == name for n in NEEDS)
    program = VENV / "bin" / name if in_venv else name
    return first_number(output(program, "--version").replace("\n", " ")
                        if in_venv else output(program, "--version"))


def at_least(version, least):
    """Whether it is (both MAJOR.MINOR...)."""
    def numbers(text):
        return [int(n) for n in re.findall(r"\d+", text)]
    return numbers(version) >= numbers(least)


# --- Packages ----------------------------------------------------------------

def system():
    for program, name in (("apt-get", "debian"), ("dnf", "fedora"),
                          ("pacman", "arch")):
        if shutil.which(program):
            return name
    return "other"


def packages_of(need):
    here = system()
    return getattr(need, "debian" if here == "other" else here).split()


def install_command(packages):
    before = {"debian": "apt-get install ", "fedora": "dnf install ",
              "arch": "pacman -S --needed ",
              "other": "the packages that Debian calls: "}[system()]
    return before + " ".join(packages)


def with_sudo(packages):
    """The same, as somebody types it who is not root."""
    sudo = "" if os.geteuid() == 0 or system() == "other" else "sudo "
    return sudo + install_command(packages)


def missing(*levels):
    """The packages of these levels that are not there, each once."""
    return list(dict.fromkeys(
        package for need in NEEDS if need.level in levels
        and not version_of(need.name) for package in packages_of(need)))


# --- cargo-c -----------------------------------------------------------------

# It takes minutes to build, so no other command than ./x cargo-c does it.
CARGO_C = TOOLS / "cargo-c"
# The least rustc, and the last cargo-c that it builds.
CARGO_C_VERSIONS = (("1.95", "0.10.24"), (RUST_LEAST, "0.10.13"))


def find_cargo_c():
    """The folder of its programs, the system's or our own; or None."""
    path = f"{os.environ.get('PATH', '')}:{CARGO_C}/bin"
    program = shutil.which("cargo-cinstall", path=path)
    return os.path.dirname(program) if program else None


def build_cargo_c():
    """The command that fetches and builds it."""
    rustc = version_of("rustc")
    version = next((version for least, version in CARGO_C_VERSIONS
                    if at_least(rustc, least)), CARGO_C_VERSIONS[-1][1])
    return ["cargo", "install", "cargo-c", "--version", f"={version}",
            "--locked", "--root", str(CARGO_C)]


def no_cargo_c():
    return ("there is no cargo-c. ./x cargo-c builds it, in some minutes, by: "
            + shlex.join(build_cargo_c()))


# --- doctor ------------------------------------------------------------------

def get_it(need, version):
    """How to get it, or a version of it that will do; "" if it is there."""
    if version:
        if need.name == "rustc" and not at_least(version, RUST_LEAST):
            return f"rustup update ({RUST_LEAST} or later)"
        return ""
    if need.name in ("clippy", "rustfmt"):
        return f"rustup component add {need.name}"
    return {"rust": "https://rustup.rs", "venv": "./x compare",
            "extra": "./x cargo-c"}.get(need.level) \
        or install_command(packages_of(need))


def doctor():
    """Print what is here and what is missing: whether all is there."""
    row = "{:13} {:16} {:36} {}".format
    print(row("TOOL", "FOUND", "NEEDED FOR", "GET IT WITH").rstrip())
    well = True
    waits = []
    for need in NEEDS:
        version = version_of(need.name)
        get = get_it(need, version)
        can_wait = need.level in ("bench", "extra")
        well = well and (not get or can_wait)
        if get and can_wait:
            waits.append(need.name)
        print(row(need.name, version or "MISSING", need.purpose, get).rstrip(),
              flush=True)
    if well:
        print("All there." if not waits else
              "All there, except for what only ./x bench or one stage of "
              f"./x test needs: {', '.join(waits)}.")
    elif packages := missing("build", "test"):
        print("Something is missing. What installs all of it:\n"
              f"     {with_sudo(packages)}")
    return well
