#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Links one program in each way that there is, and looks at what came out.

    linking.py ways BUILD             linked statically, dynamically, and by
                                      dlopen(): the same output
    linking.py lto BUILD              and optimised across the languages: no
                                      call is left; 77 without clang and lld
    linking.py mistakes BUILD         what goes wrong says so, and who says it
    linking.py cures BUILD FERRULE SAMPLE
                                      lesson 20 fails without each of its cures
    linking.py archive BUILD          the programs of lesson 20 with zlib's
                                      archive: hidden is no cure there; 77
                                      without the archive
    linking.py features BUILD MESON   a libsgz without libdeflate: what is not
                                      in it is not declared, in C and in Rust
    linking.py tables BUILD [write]   the tables of docs/src/linking.md are what
                                      the tools say; or write them

BUILD is Meson's folder.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
LESSON = ROOT / "lessons/20-linking"
PAGE = ROOT / "docs/src/linking.md"
SAID = "sum 256, mean 64\n"
CC = os.environ.get("CC", "cc").split()

sys.path.insert(0, str(ROOT / "tools"))
import reader


class Missing(Exception):
    """A tool is not here."""


def call(*command, cwd=None, **env):
    """(exit code, output and messages) of a command."""
    for name in ("LD_LIBRARY_PATH", "LD_PRELOAD", "RUSTFLAGS"):
        env.setdefault(name, "")
    environment = {**os.environ, "LC_ALL": "C", **env}
    environment = {name: value for name, value in environment.items() if value}
    done = subprocess.run([str(word) for word in command], cwd=cwd, text=True,
                          errors="replace", env=environment, timeout=100,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    return done.returncode, done.stdout


def must(*command, **more):
    code, said = call(*command, **more)
    if code != 0:
        raise reader.Problem(" ".join(map(str, command)) + f": {code}\n{said}")
    return said


# --- The library and the program ----------------------------------------------

def build_library(work):
    """The archive in `work`, and the shared object in `work`/so."""
    so = work / "so"
    so.mkdir()
    must(*CC, "-O2", "-fPIC", "-fvisibility=hidden", "-c", HERE / "tally.c",
         "-o", work / "tally.o")
    must("ar", "rcs", work / "libtally.a", work / "tally.o")
    share(work / "tally.o", HERE / "tally.map", so)


def share(what, names, folder):
    must(*CC, "-shared", what, "-Wl,-soname,libtally.so.1",
         f"-Wl,--version-script={names}", "-o", folder / "libtally.so.1")
    (folder / "libtally.so").symlink_to("libtally.so.1")


def rustc(work, way, folder, *more, out=None):
    return call("rustc", "--edition=2024", "-O", "--cfg", f'way="{way}"',
                "--check-cfg", 'cfg(way, values("static","shared","loaded"))',
                "-L", folder, *more, HERE / "program.rs", "-o",
                work / (out or way))


def build_ways(work):
    """The program in Rust, linked in three ways."""
    beside = ("-C", "link-arg=-Wl,-rpath,$ORIGIN/so")
    for way, folder, more in (("static", work, ()),
                              ("shared", work / "so", beside),
                              ("loaded", work / "so", beside)):
        code, said = rustc(work, way, folder, *more)
        if code != 0 or said:
            raise reader.Problem(f"{way}: {code}\n{said}")


def build_lto(work):
    """The program again, compiled with its library as one."""
    clang = shutil.which("clang")
    root = Path(must("rustc", "--print", "sysroot").strip())
    found = sorted(root.glob("lib/rustlib/*/bin/gcc-ld/ld.lld"))
    if not clang or not found:
        raise Missing("clang" if not clang else "rustc's own lld")
    folder = work / "lto"
    folder.mkdir()
    must(clang, "-O2", "-flto=thin", "-c", HERE / "tally.c", "-o",
         folder / "tally.o")
    must("ar", "rcs", folder / "libtally.a", folder / "tally.o")
    code, said = rustc(work, "static", folder, "-Clinker-plugin-lto",
                       "-Ccodegen-units=1", f"-Clinker={clang}",
                       "-Clink-arg=-fuse-ld=lld",
                       f"-Clink-arg=-B{found[0].parent}", out="lto-program")
    if code != 0:
        raise reader.Problem(f"lto: {code}\n{said}")
    return work / "lto-program"


def symbols(path, *options):
    """{name: letter} of what nm says."""
    found = {}
    for line in must("nm", *options, path).splitlines():
        words = line.split()
        if len(words) >= 2:
            found[words[-1].split("@")[0]] = words[-2]
    return found


def inspect(program):
    """What the tools say of a program: the rows of a table."""
    needed = must("readelf", "-d", program)
    path = re.search(r"runpath: \[(.*)\]", needed)
    loaded = re.search(r"(libtally\S*) => (.*) \(", must("ldd", program))
    code = must("objdump", "-d", program)
    return {
        "`nm`: `tally_sum` is": symbols(program).get("tally_sum", "not there"),
        "`readelf -d`: NEEDED": "`libtally.so.1`"
                                if "[libtally.so.1]" in needed else "",
        "`readelf -d`: RUNPATH": f"`{path[1]}`" if path else "",
        "`ldd` finds": f"`{loaded[1]}`" if loaded else "",
        "`objdump -R`: to be filled in": "`tally_sum`"
        if re.search(r"\btally_sum\b", must("objdump", "-R", program)) else "",
        "`objdump -d`: the code of `tally_sum`":
            "there" if "<tally_sum>:" in code else "not there",
    }


EXPECTED = {
    "static": ("T", "", "", "", "", "there"),
    "shared": ("U", "`libtally.so.1`", "`$ORIGIN/so`", "`libtally.so.1`",
               "`tally_sum`", "not there"),
    "loaded": ("not there", "", "`$ORIGIN/so`", "", "", "not there"),
    "lto": ("not there", "", "", "", "", "not there"),
}


def check_way(way, program):
    code, said = call(program)
    if (code, said) != (0, SAID):
        raise reader.Problem(f"{way}: {code} {said!r}, not {SAID!r}")
    found = inspect(program)
    if tuple(found.values()) != EXPECTED[way]:
        raise reader.Problem(f"{way}: {found}, not {EXPECTED[way]}")
    print(f"{way}: {said.strip()}")
    return found


def ways(work, _build):
    build_library(work)
    build_ways(work)
    return {way: check_way(way, work / way)
            for way in ("static", "shared", "loaded")}


def lto(work, _build):
    return {"lto": check_way("lto", build_lto(work))}


# --- What goes wrong ----------------------------------------------------------

def order(work, first):
    """Link the program in C with the archive before or behind it."""
    words = [work / "program.o", "-ltally"]
    return call(*CC, "-fuse-ld=bfd", "-L", work,
                *(reversed(words) if first else words), "-o", work / "ordered")


def same_links(work):
    """Cargo, of two packages that say that they link the same library."""
    for name in ("app", "one-sys", "two-sys"):
        folder = work / "cargo" / name
        (folder / "src").mkdir(parents=True)
        (folder / "src/lib.rs").touch()
        (folder / "build.rs").write_text("fn main() {}\n")
        text = f'[package]\nname = "{name}"\nversion = "1.0.0"\n'
        if name == "app":
            text += ('[workspace]\n[dependencies]\n'
                     'one-sys = { path = "../one-sys" }\n'
                     'two-sys = { path = "../two-sys" }\n')
        else:
            text += 'links = "tally"\n'
        (folder / "Cargo.toml").write_text(text)
    return call("cargo", "metadata", "--offline", "--format-version=1",
                cwd=work / "cargo/app")


# What is said there by GNU ld, with which an older rustc links.
OTHER_WORDS = {
    "undefined symbol": ["undefined reference to"],
    "unable to find library -ltally": ["cannot find -ltally"],
}


def mistakes(work, _build):
    """(what is done, the tool, what it says): each is done, and has to fail."""
    if not (work / "so").exists():
        build_library(work)
    must(*CC, "-c", HERE / "program.c", "-o", work / "program.o")
    so, old, none = work / "so", work / "old", work / "none"
    old.mkdir()
    none.mkdir()
    must(*CC, "-O2", "-fPIC", "-fvisibility=hidden", "-DTALLY_OLD", "-c",
         HERE / "tally.c", "-o", old / "tally.o")
    share(old / "tally.o", HERE / "tally_old.map", old)
    must(*CC, work / "program.o", "-L", so, "-ltally", "-o", work / "lost")
    if call(work / "lost", LD_LIBRARY_PATH=str(so)) != (0, SAID):
        raise reader.Problem("LD_LIBRARY_PATH does not help")
    if order(work, first=False)[0] != 0:
        raise reader.Problem("the archive behind the program is not enough")
    steps = (
        ("An archive stands before what needs it: `-ltally program.o`",
         "GNU ld", "undefined reference to `tally_sum'",
         order(work, first=True)),
        ("No `#[link]`, and nothing else that names the library", "the linker",
         "undefined symbol", rustc(work, "none", work, out="none/x")),
        ("`kind = \"static\"`, and there is only a shared object",
         "the linker", "unable to find library -ltally",
         rustc(work, "static", so, out="none/x")),
        ("Two crates with `links = \"tally\"`", "Cargo",
         "native library `tally`", same_links(work)),
        ("The library is in a folder that neither the system nor the program "
         "knows", "the dynamic linker", "cannot open shared object file",
         call(work / "lost")),
        ("An older library takes its place, without a name of `TALLY_2`",
         "the dynamic linker", "version `TALLY_2' not found",
         call(work / "lost", LD_LIBRARY_PATH=str(old))),
    )
    for what, who, words, (code, said) in steps:
        if code == 0 or not any(each in said for each in
                                (words, *OTHER_WORDS.get(words, ()))):
            raise reader.Problem(f"{what}: {code}, and not \"{words}\" but\n"
                                 f"{said}")
        print(f"{who}: {words}")
    return [step[:3] for step in steps]


# --- Lesson 20 without its cures ----------------------------------------------

# program: (its step, what of its source is replaced, by what)
CURES = {
    "hidden": ("kept inside", '__attribute__((visibility("hidden"))) ', ""),
    "renamed": ("another name", "own_crc32", "crc32"),
    "deepbind": ("its own first", " | RTLD_DEEPBIND", ""),
    "mangled_rs": ("a name of Rust's", "pub fn crc32(crc: u32, data: &[u8]) "
                   "-> u32 {\n    gz::castagnoli(crc, data)\n}",
                   None),
}
# A function of the same use, under its plain name.
PLAIN = """\
#[unsafe(export_name = "crc32")]
extern "C" fn zlibs(crc: u64, data: *const u8, len: u32) -> u64 {
    if data.is_null() {
        return 0;
    }
    let data = unsafe { std::slice::from_raw_parts(data, len as usize) };
    gz::castagnoli(crc as u32, data).into()
}

pub fn crc32(crc: u32, data: &[u8]) -> u32 {
    gz::castagnoli(crc, data)
}
"""


def compile_program(source, out, zlib=("-Wl,--as-needed", "-lz")):
    """As lanes/meson.build does."""
    if source.suffix == ".rs":
        must("rustc", "--edition=2024", "-O", "-o", out, source)
    else:
        must(*CC, "-std=c11", "-O2", "-rdynamic", "-o", out, source,
             *zlib, "-ldl")


def is_zlibs(path):
    """Whether a file has the CRC that zlib computes of the nine digits."""
    trailer = path.read_bytes()[-8:-4]
    return int.from_bytes(trailer, "little") == 0xcbf43926


def archive(work, _build):
    found = must(*CC, "-print-file-name=libz.a").strip()
    if not os.path.isabs(found):
        raise Missing("libz.a")
    for name, expected in (("exported", False), ("hidden", False),
                           ("renamed", True)):
        compile_program(LESSON / "programs" / f"{name}.c", work / name,
                        zlib=[found])
        must(work / name, cwd=work)
        if is_zlibs(work / f"{name}.gz") != expected:
            raise reader.Problem(f"{name}, with {found}: its file has the "
                                 "other CRC")
        print(f"{name}: {'right' if expected else 'wrong'}, and the linker "
              "said nothing")


def build_lane(build, programs, out):
    """The C lane with this lesson alone, which runs these programs."""
    lesson = next(each for each in reader.lessons() if each.path == LESSON)
    table = out.with_suffix(".c")
    table.write_text(reader.lane_table([lesson], 9, "own", "Own"))
    features = build / "csrc/sgz_features.h"
    must(*CC, "-shared", "-fPIC", "-g", "-include", features, "-o", out, table,
         LESSON / "c.c", LESSON / "helper.c", f"-Dlesson={lesson.identifier}",
         "-D_XOPEN_SOURCE=700", f'-DFERRULE_PLUGINS="{programs}"',
         "-I", ROOT / "lessons", "-I", ROOT / "csrc/include",
         "-I", ROOT / "host/include", "-L", build / "csrc", "-lsgz", "-lz",
         "-ldl", f"-Wl,-rpath,{build / 'csrc'}")


def cures(work, build, ferrule, sample):
    sources, programs = work / "sources", work / "programs"
    shutil.copytree(LESSON / "programs", sources)
    programs.mkdir()
    for name in ("exported", "exported_rs", "unfinished.so", *CURES):
        (programs / name).symlink_to(build / "lanes" / name)
    lane = work / "own.so"
    build_lane(build, programs, lane)

    def compare():
        return call(ferrule, "compare", "--lesson", LESSON.name, "--lane",
                    "own", "--no-broken", "--lane-file", lane, sample)

    code, said = compare()
    if code != 0:
        raise reader.Problem(f"with its cures: {code}\n{said}")
    for name, (step, cure, instead) in CURES.items():
        source = next(sources.glob(f"{name}.*"))
        text = source.read_text()
        if cure not in text:
            raise reader.Problem(f"{source.name} has no \"{cure}\"")
        source.write_text(text.replace(cure, PLAIN if instead is None
                                       else instead))
        (programs / name).unlink()
        compile_program(source, programs / name)
        code, said = compare()
        words = f'step "{step}": integer "trailer" 3808858755; in c 3421780262'
        if code != 1 or words not in said:
            raise reader.Problem(f"{name} without its cure: {code}, and not "
                                 f"\"{words}\" but\n{said}")
        print(f"{name} without its cure: found in the step \"{step}\"")
        (programs / name).unlink()
        (programs / name).symlink_to(build / "lanes" / name)


# --- What is compiled at all --------------------------------------------------

FEATURE = "sgz_codec_get_libdeflate"


def build_without(work, meson):
    """A folder of Meson's with a libsgz that has no libdeflate."""
    build = work / "without"
    # its ninja lies beside it
    path = f"{Path(meson).parent}:{os.environ['PATH']}"
    off = [f"-D{what}=disabled" for what in (
        "rust", "tests", "tool", "driver", "libdeflate", "codec_libdeflate",
        "codec_isal")]
    must(meson, "setup", build, ROOT, "-Doptimization=0", "-Ddebug=false",
         "--default-library=shared", *off, PATH=path)
    must(meson, "compile", "-C", build, "csrc/sgz:shared_library", PATH=path)
    return build


def has_in_c(work, build):
    """Whether a program in C that calls the function compiles and links."""
    flags = shlex.split(must(
        "pkg-config", "--cflags", "--libs", "sgz-uninstalled",
        PKG_CONFIG_PATH=str(build / "meson-uninstalled")))
    source = work / "feature.c"
    source.write_text("#include <sgz.h>\n"
                      f"int main(void) {{ return {FEATURE}() == 0; }}\n")
    return compiles(*CC, "-Werror=implicit-function-declaration", source,
                    *flags, "-o", work / "feature")


def compiles(*command):
    code, said = call(*command)
    if code != 0 and FEATURE not in said:
        raise reader.Problem(said)
    return code == 0


def features_of(work, build):
    """The cfgs that Cargo gives the raw crate, with the libsgz of `build`."""
    said = must("cargo", "check", "--offline", "-p", "sgz-sys-handwritten",
                "--target-dir", work / "target", "--message-format=json", "-q",
                cwd=ROOT, SGZ_LIB_DIR=str(build / "csrc"), RUSTC_WRAPPER="")
    found = [json.loads(line) for line in said.splitlines()
             if line.startswith("{")]
    return next(each["cfgs"] for each in found
                if each["reason"] == "build-script-executed"
                and "handwritten" in each["package_id"])


def has_in_rust(work, crate, cfgs):
    """Whether a program that names the function compiles."""
    folder = ROOT / "bindings" / crate / "src"
    (work / "link.rs").touch()
    options = ["--edition=2024", "--crate-type=rlib", "--emit=metadata", "-A",
               "warnings", "--out-dir", work]
    must("rustc", *options, "--crate-name", "sgz_link", work / "link.rs")
    must("rustc", *options, "--crate-name", "raw", folder / "lib.rs", "-L",
         work, *(word for cfg in cfgs for word in ("--cfg", cfg)),
         OUT_DIR=str(folder))
    (work / "user.rs").write_text(f"pub use raw::{FEATURE};\n")
    return compiles("rustc", *options, "--crate-name", "user", "-L", work,
                    "--extern", f"raw={work / 'libraw.rmeta'}",
                    work / "user.rs")


def features(work, build, meson):
    without = build_without(work, meson)
    if FEATURE in symbols(without / "csrc/libsgz.so", "-D"):
        raise reader.Problem(f"libsgz without libdeflate exports {FEATURE}")
    for folder in (without, build):
        there = FEATURE in symbols(folder / "csrc/libsgz.so", "-D")
        cfgs = features_of(work, folder)
        found = {"C": has_in_c(work, folder)}
        for crate in ("handwritten", "generated"):
            found[crate] = has_in_rust(work, crate, cfgs)
        print(f"in the library: {there}; declared: {found}, {cfgs}")
        if set(found.values()) != {there}:
            raise reader.Problem("what is declared is not what is there")


# --- The tables ---------------------------------------------------------------

def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def ways_table(work, build):
    found = ways(work, build)
    try:
        found |= lto(work, build)
    except Missing as e:
        # its test says that it was not run
        print(f"not run: lto: no {e}")
        found["lto"] = dict(zip(found["static"], EXPECTED["lto"]))
    return table(
        ("what is asked", "statically", "dynamically", "by `dlopen()`",
         "with LTO across the languages"),
        [(what, *(each[what] for each in found.values()))
         for what in found["static"]])


def library_table(work):
    archive = symbols(work / "libtally.a")
    shared = symbols(work / "so/libtally.so.1")
    public = symbols(work / "so/libtally.so.1", "-D")
    versions = dict(re.findall(r"(tally_\w+)@+(\w+)", must(
        "readelf", "--dyn-syms", "-W", work / "so/libtally.so.1")))
    return table(
        ("function", "`nm libtally.a`", "`nm libtally.so.1`",
         "`nm -D libtally.so.1`", "`readelf --dyn-syms`"),
        [(f"`{name}`", archive[name], shared.get(name, "not there"),
          public.get(name, "not there"), versions.get(name, ""))
         for name in ("tally_sum", "tally_mean", "tally_weigh")])


def programs_table(work, build):
    rows = []
    for source in sorted((LESSON / "programs").glob("*.*")):
        program = build / "lanes" / source.stem
        code, said = call(program, cwd=work)
        if code != 0:
            raise reader.Problem(f"{source.stem}: {code}\n{said}")
        rows.append((f"`{source.name}`",
                     *(symbols(program, *options).get("crc32", "not there")
                       for options in ((), ("-D",))),
                     "zlib's" if is_zlibs(work / f"{source.stem}.gz")
                     else "the program's"))
    return table(("program", "`nm`: `crc32` is", "`nm -D`: `crc32` is",
                  "whose CRC stands in the file"), rows)


def tables(work, build, write=None):
    made = {
        "ways": ways_table(work, build),
        "library": library_table(work),
        "programs": programs_table(work, build),
        "mistakes": table(("what is done", "who says it", "in these words"),
                          [(what, who, f"`` {words} ``" if "`" in words
                            else f"`{words}`")
                           for what, who, words in mistakes(work, build)]),
    }
    text = there = reader.read(PAGE)
    for name, lines in made.items():
        mark = f"<!-- table {name} -->\n"
        if mark not in text:
            raise reader.Problem(f"{PAGE}: no {mark.strip()}")
        before, after = text.split(mark)
        text = before + mark + lines + after[re.match(r"(\|.*\n)*",
                                                      after).end():]
    if write:
        PAGE.write_text(text)
    elif text != there:
        raise reader.Problem(
            f"{PAGE} is not what the tools say.\nRenew it with: "
            f"tests/linking/linking.py tables {build} write")


def main(verb, build, *words):
    verbs = {"ways": ways, "lto": lto, "mistakes": mistakes, "cures": cures,
             "archive": archive, "features": features, "tables": tables}
    with tempfile.TemporaryDirectory() as work:
        verbs[verb](Path(work), Path(build).resolve(), *words)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except Missing as e:
        print(f"not run: no {e}")
        sys.exit(77)
    except reader.Problem as e:
        sys.exit(f"linking.py: {e}")
