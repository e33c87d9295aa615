#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""What the compilers themselves say of each finding of ./x drift-field that
breaks something: sizes, offsets, values and types.

    drift_proofs.py [CRATE...]     prints them; drift_field.py --record keeps
                                   them in the record

Neither side asks the drift check: g++ reads the header, and rustc the crate. A
probe that does not compile says nothing.
"""

import fnmatch
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "front"))
from steps import ROOT, output

READ = ROOT / "tests/drift-field/read.toml"
MADE = ROOT / "target/drift-field"

C_START = r"""
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <string>
#include <typeinfo>
#include <cxxabi.h>
template <class T> std::string fp_name() {
	return abi::__cxa_demangle(typeid(T).name(), 0, 0, 0);
}
template <class T> size_t fp_size() { return sizeof(T); }
template <> size_t fp_size<void>() { return 0; }
template <class T> struct fp_call;
template <class R, class... A> struct fp_call<R (*)(A...)> {
	static void show() {
		printf("%zu parameters, %zu bytes returned: %s\n",
		       sizeof...(A), fp_size<R>(), fp_name<R (*)(A...)>().c_str());
	}
};
template <class R, class... A> struct fp_call<R (*)(A..., ...)> {
	static void show() {
		printf("%zu parameters and more, %zu bytes returned: %s\n",
		       sizeof...(A), fp_size<R>(), fp_name<R (*)(A..., ...)>().c_str());
	}
};
template <class R, class... A> struct fp_call<R (*)(A...) noexcept>
	: fp_call<R (*)(A...)> {};
template <class T> void fp_type() {
	printf("%zu bytes: %s\n", sizeof(T), fp_name<T>().c_str());
}
inline void fp_value(const char *s) { printf("\"%s\", %zu bytes\n", s, strlen(s)); }
inline void fp_value(double v) { printf("%.17g\n", v); }
template <class T> void fp_value(T v) {
	if ((T)-1 < (T)0)
		printf("%lld, %zu bytes\n", (long long)v, sizeof v);
	else
		printf("%llu, %zu bytes\n", (unsigned long long)v, sizeof v);
}
"""

RUST_START = """
#![allow(warnings)]
use std::any::type_name;
use std::mem::{align_of, offset_of, size_of};
fn field<T, U>(_: impl Fn(&T) -> &U) -> String {
    format!("{} bytes: {}", size_of::<U>(), type_name::<U>())
}
fn ty<T>() -> String {
    format!("{} bytes: {}", size_of::<T>(), type_name::<T>())
}
trait Call { fn said() -> String; }
macro_rules! call { ($($p:ident)*) => {
    call!(@ "C", $($p)*); call!(@ "system", $($p)*); call!(@ "C-unwind", $($p)*);
    impl<R, $($p),*> Call for unsafe extern "C" fn($($p,)* ...) -> R {
        fn said() -> String {
            format!("{} parameters and more, {} bytes returned: {}",
                0 $(+ { stringify!($p); 1 })*, size_of::<R>(),
                type_name::<Self>())
        }
    }
}; (@ $abi:literal, $($p:ident)*) => {
    impl<R, $($p),*> Call for unsafe extern $abi fn($($p),*) -> R {
        fn said() -> String {
            format!("{} parameters, {} bytes returned: {}",
                0 $(+ { stringify!($p); 1 })*, size_of::<R>(),
                type_name::<Self>())
        }
    }
} }
call!(A); call!(A B); call!(A B C); call!(A B C D); call!(A B C D E);
call!(A B C D E F); call!(A B C D E F G); call!(A B C D E F G H);
call!(A B C D E F G H I); call!(A B C D E F G H I J);
call!(A B C D E F G H I J K); call!(A B C D E F G H I J K L);
impl<R> Call for unsafe extern "C" fn() -> R {
    fn said() -> String {
        format!("0 parameters, {} bytes returned: {}", size_of::<R>(),
            type_name::<Self>())
    }
}
fn function<F: Call>(_: F) -> String { F::said() }
"""


# --- What a person read ------------------------------------------------------

class Reading:
    """tests/drift-field/read.toml."""

    def __init__(self):
        with READ.open("rb") as file:
            found = tomllib.load(file)
        self.names = found.get("names", {})
        self.entries = found.get("read", [])

    def of(self, crate, item):
        """The entry that a finding is read in; None if there is none."""
        for entry in self.entries:
            if entry["crate"] == crate and any(
                    fnmatch.fnmatchcase(item, pattern)
                    for pattern in entry["items"]):
                return entry
        return None

    def c_name(self, crate, name):
        return self.names.get(crate, {}).get(name, name)


# --- Probes ------------------------------------------------------------------

def arity(text, name):
    """How many parameters the Rust text gives the function, and whether more
    may follow; None if it gives none."""
    at = re.search(rf"\bfn {re.escape(name)}\b[^(]*\(", text)
    if not at:
        return None
    depth, count, word = 1, 0, ""
    for char in text[at.end():]:
        depth += (char in "([<") - (char in ")]")
        depth -= char == ">" and not word.endswith("-")
        if depth == 0 or depth == 1 and char == ",":
            count += bool(word.strip()) and "..." not in word
            if depth == 0:
                return count, "..." in word
            word = ""
        else:
            word += char
    return None


def probe(crate, finding, reading, entry):
    """(C++, Rust): what to ask of a finding; either may be None."""
    item, kind, what = finding["item"], finding["kind"], finding["what"]
    text = (finding["rust"] or {}).get("whole", "")
    owner, _, field = item.partition(".")
    c_owner = reading.c_name(crate, owner)
    if "c" in entry or "rust" in entry:
        return entry.get("c"), entry.get("rust")
    if field and not re.search("lacks", what):
        c_field = reading.c_name(crate, item).partition(".")[2]
        return (f'printf("at %zu, ", offsetof({c_owner}, {c_field})); '
                f"fp_type<decltype((({c_owner} *)0)->{c_field})>();",
                f'println!("at {{}}, {{}}", offset_of!({owner}, {field}), '
                f"field(|x: &{owner}| unsafe {{ &x.{field} }}));")
    if field or kind in ("layout", "missing", "bits"):
        return (f'printf("%zu bytes, aligned to %zu\\n", sizeof({c_owner}), '
                f"alignof({c_owner}));",
                f'println!("{{}} bytes, aligned to {{}}", '
                f"size_of::<{owner}>(), align_of::<{owner}>());")
    if kind == "value":
        return f"fp_value({item});", f'println!("{{:?}}", {item});'
    if count := arity(text, item):
        holes = ", ".join(["_"] * count[0] + ["..."] * count[1])
        abi = reading.names.get(crate, {}).get("abi", "C")
        return (f"fp_call<decltype(&{item})>::show();",
                f'println!("{{}}", function({item} as unsafe extern "{abi}" '
                f"fn({holes}) -> _));")
    return f"fp_type<{c_owner}>();", f'println!("{{}}", ty::<{owner}>());'


def run_lines(build, lines):
    """What each line prints, by its number. Lines that do not compile are
    taken out: build(lines) gives a program, or the numbers of bad ones."""
    lines = dict(lines)
    while lines:
        program, bad = build(lines)
        if program:
            done = subprocess.run([program], check=False, text=True,
                                  capture_output=True, timeout=60)
            said = re.split(r"^@(\d+) ", done.stdout, flags=re.M)[1:]
            return {int(n): text.strip()
                    for n, text in zip(said[::2], said[1::2])}
        bad = [n for n in bad if n in lines]
        if not bad:
            return {}
        for n in bad:
            del lines[n]
    return {}


def folders(said, crate):
    """Where the check found the headers: "with x/y.h (...)", or "with 2 headers
    in x (...)"; and what these headers are included from."""
    for found in re.findall(
            r"^ferrule-drift: \S+ \S+ with (?:\d+ headers in )?(\S+) \(.*\)$",
            said, re.M):
        for included in map(Path, crate["headers"]):
            for whole in Path(found), Path(found) / included.name:
                if whole.is_file() and whole.match(str(included)):
                    yield whole.parents[len(included.parts) - 1]


def includes(crate):
    return "".join(f"#include <{name}>\n" for name in crate["headers"])


def c_flags(said, crate):
    flags = list(crate.get("cflags", ()))
    # behind the system's, where another library may have one of the name
    flags += [f"-idirafter{folder}" for folder in folders(said, crate)]
    library = re.search(r"\((\S+) \S+\)$", said.partition("\n")[0])
    if library:
        flags += output("pkg-config", "--cflags-only-I", library[1]).split()
    return list(dict.fromkeys(flags))


def ask_c(name, crate, said, lines):
    folder = MADE / "proofs"
    folder.mkdir(parents=True, exist_ok=True)
    flags = c_flags(said, crate)
    source, program = folder / f"{name}.cc", folder / f"{name}-c"

    def build(lines):
        # C++ first: a header may define what the library uses as a name
        text = f"{C_START}{includes(crate)}int main() {{\n"
        start = text.count("\n") + 1
        numbers = list(lines)
        text += "".join(f'printf("@{n} "); {lines[n]}\n' for n in numbers)
        source.write_text(text + "}\n", encoding="utf-8")
        done = subprocess.run(
            ["g++", "-std=gnu++17", "-w", "-fpermissive", "-O0",
             *flags, "-o", program, source],
            check=False, text=True, capture_output=True, timeout=300)
        if done.returncode == 0:
            return program, []
        (folder / f"{name}-c.log").write_text(done.stderr, encoding="utf-8")
        bad = {int(m) - start for m in re.findall(
            rf"^{re.escape(str(source))}:(\d+):", done.stderr, re.M)}
        linked = re.findall(r"undefined reference to `(\w+)", done.stderr)
        return None, [numbers[n] for n in bad if 0 <= n < len(numbers)] + [
            n for n in numbers
            if any(re.search(rf"\b{word}\b", lines[n]) for word in linked)]
    return run_lines(build, lines)


def manifest(name, crate):
    wanted = {"version": f"={crate['version']}"}
    if crate.get("features"):
        wanted["features"] = crate["features"]
    if crate.get("no-default-features"):
        wanted["default-features"] = False
    inner = ", ".join(f"{key} = {json.dumps(value)}"
                      for key, value in wanted.items())
    return ('[package]\nname = "proof"\nedition = "2021"\n[workspace]\n'
            f"[dependencies]\n{name} = {{ {inner} }}\n")


def ask_rust(name, crate, environment, names, lines):
    folder = MADE / "proofs" / name
    (folder / "src").mkdir(parents=True, exist_ok=True)
    (folder / "Cargo.toml").write_text(manifest(name, crate), "utf-8")
    library = names.get("lib", name.replace("-", "_"))

    def cargo(*words):
        return subprocess.run(["cargo", "build", "--quiet", *words],
                              check=False, text=True, capture_output=True,
                              timeout=600, cwd=folder, env=environment)

    def build(lines):
        uses = "".join(f"use {library}{module}::*;\n"
                       for module in ("", *(f"::{m}" for m in names.get("modules", ()))))
        text = f"{RUST_START}{uses}fn main() {{ unsafe {{\n"
        start = text.count("\n") + 1
        numbers = list(lines)
        text += "".join(f'print!("@{n} "); {lines[n]}\n' for n in numbers)
        (folder / "src/main.rs").write_text(text + "}}\n", encoding="utf-8")
        done = cargo("--message-format=short")
        if done.returncode == 0:
            return (Path(environment["CARGO_TARGET_DIR"]) / "debug/proof"), []
        said = done.stderr
        if "linking with" in said:
            said += cargo().stderr  # the short form has no symbols
        (folder / "log").write_text(said, encoding="utf-8")
        bad = {int(m) - start for m in
               re.findall(r"^src/main\.rs:(\d+):\d+: error", said, re.M)}
        linked = re.findall(r"undefined (?:reference to|symbol:?) `?(\w+)",
                            said)
        return None, [numbers[n] for n in bad if 0 <= n < len(numbers)] + [
            n for n in numbers
            if any(re.search(rf"\b{word}\b", lines[n]) for word in linked)]
    return run_lines(build, lines)


def prove(name, crate, environment, findings, reading):
    """Add to each finding what the compilers say of it."""
    c_lines, rust_lines = {}, {}
    for n, finding in enumerate(findings):
        entry = reading.of(name, finding["item"]) or {}
        c, rust = probe(name, finding, reading, entry)
        if c:
            c_lines[n] = c
        if rust:
            rust_lines[n] = rust
    said = (MADE / f"{name}.err").read_text(encoding="utf-8")
    names = reading.names.get(name, {})
    c = ask_c(name, crate, said, c_lines)
    rust = ask_rust(name, crate, environment, names, rust_lines)
    for n, finding in enumerate(findings):
        finding["gcc"] = c.get(n, "")
        finding["rustc"] = rust.get(n, "")
