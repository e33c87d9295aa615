#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""The one reader of headers, lessons and lanes.

All others ask it. Meson and Cargo ask which lessons a lane has, the driver
and `cargo test` ask what a lesson is (as JSON), the clause check and the book
ask what the headers promise, and the book and the report ask where a step
begins.

    reader.py lanes                     the crates that are lanes, one a line
    reader.py list [LANE]               the lessons (of LANE, and their files)
    reader.py check LANE NAME...        fail unless these are its lessons
    reader.py helpers                   the lessons' helper.c and helper.cc
    reader.py plugins                   what lessons load: plugins/*.c, *.rs
    reader.py programs                  what lessons start: programs/*.c, *.rs
    reader.py table OUT DEPFILE NAME... check, then write the C lane's table
    reader.py json OUT [DEPFILE [FOLDER]]
                                        all of it; the lessons are in FOLDER
    reader.py text NAME                 what a lesson says of itself
    reader.py source FILE               the steps of a file outside the lessons

With the word --no-rust before all others, lessons do not count whose C lane
needs what is built in Rust.

It needs only Python 3.11 (for tomllib) and its standard library. Meson needs
Python, and Cargo uses Meson to build the library, so Python is always there.
"""

import bisect
import difflib
import json
import os
import re
import sys
import textwrap
from dataclasses import dataclass, field
from pathlib import Path

if sys.version_info < (3, 11):
    sys.exit("reader.py: Python 3.11 or later is needed, and this is "
             + sys.version.split()[0])
import tomllib

ROOT = Path(__file__).resolve().parent.parent


class Problem(Exception):
    """Something is missing or wrong."""


def read(path):
    try:
        return Path(path).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise Problem(f"{path}: no such file") from None


def read_toml(path):
    try:
        return tomllib.loads(read(path))
    except tomllib.TOMLDecodeError as e:
        raise Problem(f"{path}: {e}") from None


def even(code):
    """Code without blank lines around it, tabs, and common indentation."""
    lines = [line.expandtabs(8).rstrip() for line in code.split("\n")]
    return textwrap.dedent("\n".join(lines)).strip("\n").rstrip()


# --- Lessons and lanes -------------------------------------------------------

@dataclass
class Lesson:
    """A folder NN-name, as its lesson.toml describes it."""
    path: Path
    title: str
    minutes: int
    # the lines of the curriculum that it teaches
    curriculum: list
    # lane -> its file
    lanes: dict
    # "rust": its C lane calls what is built in Rust
    needs: str = ""
    # what may differ from the C lane: steps, in what, and why
    declared: list = field(default_factory=list)
    # mistakes that are built, run and shown
    broken: list = field(default_factory=list)

    @property
    def name(self):
        return self.path.name

    @property
    def about(self):
        """The file that describes it."""
        return self.path / "lesson.toml"

    @property
    def identifier(self):
        return "lesson_" + re.sub(r"\W", "_", self.name)

    @property
    def heading(self):
        return f"{self.name[:2]} {self.title}"

    def file(self, lane):
        if lane not in self.lanes:
            raise Problem(f"{self.path}/lesson.toml: no lane {lane}")
        return self.path / self.lanes[lane]

    def helpers(self):
        """The files with code that each of its lanes calls."""
        return [self.path / name for name in HELPERS
                if (self.path / name).is_file()]

    def sources(self, folder):
        return sorted(path for path in self.path.glob(f"{folder}/*")
                      if path.suffix in (".c", ".rs"))

    def plugins(self):
        """The files that become shared objects, which its lanes load."""
        return self.sources("plugins")

    def programs(self):
        """The files that become programs, which its lanes start."""
        return self.sources("programs")

    def text(self):
        """Its lesson.md, which opens with what lesson.toml says."""
        path = self.path / "lesson.md"
        text = read(path)
        if not text.startswith(f"# {self.heading}\n\n"
                               f"About {self.minutes} minutes.\n"):
            raise Problem(f"{path}: does not begin with the title and the "
                          "minutes of lesson.toml")
        for line in self.curriculum:
            if f'"{line}"' not in text:
                raise Problem(f"{path}: does not quote \"{line}\"")
        return text

    def steps(self):
        """The names of all steps of all lanes."""
        return [step for lane in self.lanes
                for step, _ in parts(read(self.file(lane))) if step]

    def looks(self):
        """What its lesson.md says of its steps, if there is one."""
        path = self.path / "lesson.md"
        return looks(path, self.steps())[0] if path.exists() else []

    def text_around(self):
        """Its lesson.md without what it says of its steps."""
        self.text()
        return looks(self.path / "lesson.md", self.steps())[1]


@dataclass
class Broken:
    """A broken lane: a mistake in a file of a lane, and its cure."""
    name: str
    # the lane that it is a copy of, and the file that is changed
    lane: str
    path: Path
    # the step that shows it
    step: str
    # a sentence each: the mistake, and its cure
    summary: str
    cure: str
    # the lines that are there, the mistake, and what cures it
    was: str
    mistake: str
    cured: str
    # what the driver has to find: its verdict, and words of its reasons
    verdict: str
    says: list
    # the two functions whose data race ThreadSanitizer has to report, if any
    race: list
    # the program that rustc refuses: what the mistake would be in safe code
    proof: dict | None

    def text(self, kind):
        """The changed file: "broken" or "cured"."""
        text = read(self.path)
        new = self.mistake if kind == "broken" else self.cured
        return text.replace(self.was, new)

    def diff(self, before, after):
        """The lines of a unified diff between two of the three states."""
        text = read(self.path)
        states = {"was": text, "broken": self.text("broken"),
                  "cured": self.text("cured")}
        lines = list(difflib.unified_diff(
            states[before].splitlines(), states[after].splitlines(), n=1,
            lineterm=""))
        return "\n".join(lines[2:])


# Code of a lesson that is in each of its lanes. What is in C++ is left out
# where there is no compiler for it.
HELPERS = ("helper.c", "helper.cc")

KEYS = {"title": str, "minutes": int, "curriculum": list, "lanes": dict}
DECLARED = {"lane": str, "step": str, "differs": list, "reason": str}


def check_keys(about, data, kinds, more=()):
    """Refuse data without these keys, of these types, and with others than
    them and `more`."""
    for key, kind in kinds.items():
        if not isinstance(data.get(key), kind):
            raise Problem(f"{about}: {key} is missing, or is no "
                          f"{kind.__name__}")
    unknown = sorted(data.keys() - kinds.keys() - set(more))
    if unknown:
        raise Problem(f"{about}: {', '.join(unknown)}: no such key")


def check_declaration(about, item, lanes):
    """Refuse an invalid declaration; name the differences that it allows."""
    for key, kind in DECLARED.items():
        if not isinstance(item.get(key), kind) or not item[key]:
            raise Problem(f"{about}: a declaration has no {key}")
    unknown = item.keys() - DECLARED.keys() - {"proof"}
    if unknown:
        raise Problem(f"{about}: declared: {', '.join(unknown)}: no such key")
    # if the code is elsewhere, its lanes are not known here
    if lanes and item["lane"] not in lanes:
        raise Problem(f"{about}: declared: no lane {item['lane']}")
    facts = []
    for what in item["differs"]:
        label = re.fullmatch(r"fact (.+)", str(what))
        if label:
            facts.append(label[1])
        elif what not in ("prevented", "memory", "freed"):
            raise Problem(f"{about}: `differs` is \"prevented\", "
                          f"\"memory\", \"freed\" or \"fact LABEL\", "
                          f"not {what!r}")
    add_proof(about, item)
    item["differs"] = {"prevented": "prevented" in item["differs"],
                       "memory": "memory" in item["differs"],
                       "freed": "freed" in item["differs"],
                       "facts": facts}


BROKEN = {"name": str, "lane": str, "step": str, "summary": str, "cure": str,
          "was": str, "mistake": str, "cured": str, "verdict": str,
          "says": list, "race": list}
FOUND = ("same", "leaked", "diverged", "timeout", "crashed")


def broken_lane(path, item, lanes):
    """A broken lane of the lesson in the folder `path`, or what is wrong."""
    about = f"{path / 'lesson.toml'}: broken lane {item.get('name', '')!r}"
    # a binding, for instance, which is no file of the lesson
    other = item.pop("file", None)
    # most are cured by what was there
    item.setdefault("cured", item.get("was"))
    item.setdefault("race", [])
    proof = item.pop("proof", None)
    check_keys(about, item, BROKEN)
    if proof is not None:
        proof = refused_program(about, str(proof))
    if not re.fullmatch(r"[a-z][a-z0-9-]*", item["name"]):
        raise Problem(f"{about}: a name is made of a-z, 0-9 and -")
    if item["lane"] not in lanes:
        raise Problem(f"{about}: no lane {item['lane']}")
    if item["verdict"] not in FOUND:
        raise Problem(f"{about}: {item['verdict']!r} is no verdict")
    if (item["verdict"] == "same") != (not item["says"]):
        raise Problem(f"{about}: says what the driver says, which is nothing "
                      "if the verdict is \"same\" only")
    if len(item["race"]) not in (0, 2):
        raise Problem(f"{about}: a race is between two functions")
    broken = Broken(proof=proof, path=ROOT / other if other else
                    path / lanes[item["lane"]], **item)
    text = read(broken.path)
    if text.count(broken.was) != 1 or not broken.was.strip():
        raise Problem(f"{about}: its lines are {text.count(broken.was)} times "
                      f"in {broken.path}:\n{broken.was.rstrip()}")
    if broken.mistake in (broken.was, broken.cured):
        raise Problem(f"{about}: the mistake changes nothing")
    steps = {step for step, _ in parts(read(path / lanes[broken.lane]))}
    if broken.step not in steps - {""}:
        raise Problem(f"{about}: the lane has no step {broken.step!r}")
    return broken


def add_proof(about, item):
    """What is prevented names a program that rustc refuses; get it."""
    where = f"{about}: the step \"{item['step']}\" of {item['lane']}"
    if "prevented" not in item["differs"]:
        if "proof" in item:
            raise Problem(f"{where} has a proof, and is not declared to be "
                          "prevented")
        return
    if not isinstance(item.get("proof"), str):
        raise Problem(f"{where} is declared to be prevented, and names no "
                      "proof: a program of safe-wrapper/tests/misuse/")
    item["proof"] = refused_program(where, item["proof"])


# of the crate sgz, and of ferrule-zlib
MISUSE = (ROOT / "safe-wrapper/tests/misuse",
          ROOT / "safe-wrapper/zlib/tests/misuse")


def refused_program(where, name):
    """A program that rustc refuses, and what it says to it.

    `cargo test -p sgz -p ferrule-zlib --test misuse` fails if it compiles
    after all.
    """
    folder = next((folder for folder in MISUSE
                   if (folder / f"{name}.rs").is_file()), MISUSE[0])
    for path in (folder / f"{name}.rs", folder / f"{name}.stderr"):
        if not re.fullmatch(r"\w+", name) or not path.is_file():
            raise Problem(f"{where}: its proof: {path}: no such file")
    text = read(folder / f"{name}.rs")
    words = read(folder / f"{name}.stderr")
    errors = re.findall(r"^error(?:\[(E\d{4})\])?: .*$", words, re.M)
    if not errors:
        raise Problem(f"{where}: its proof: {folder / name}.stderr has no "
                      "error of rustc: that program is not refused")
    in_c = re.match(r"// In C: (.*)\n", text)
    return {"name": name, "code": errors[0],
            "file": str((folder / f"{name}.rs").relative_to(ROOT)),
            "in_c": in_c[1] if in_c else "",
            "program": lines_that_matter(text),
            "error": re.search("^error.*$", words, re.M)[0],
            "message": first_error(words)}


def lines_that_matter(text):
    """A program of one function: what stands in it; else all but imports."""
    code = re.sub(r"^(?://.*|use .*;)\n|^fn main\(\) \{\}\n", "", text,
                  flags=re.M).strip("\n")
    main = re.fullmatch(r"fn main\(\)[^{]*\{\n(.*?)(?:    Ok\(\(\)\)\n)?\}",
                        code, re.S)
    return even(main[1] if main else code)


def first_error(words):
    """Of rustc's words the first error, without its notes and hints."""
    error = re.split(r"^(?:note|help): |^ *= |^$", words, maxsplit=1,
                     flags=re.M)[0]
    return re.sub(r"(?:\n +\|)?\s*$", "", error)


def check_codes(item, file):
    """The lane records by what the step is prevented: as in the proof."""
    for step, code in parts(read(file)):
        for named in re.findall(r"\bE\d{4}\b", code):
            if step == item["step"] and named != item["proof"]["code"]:
                raise Problem(f"{file}: the step \"{step}\" names {named}, "
                              f"and its proof is {item['proof']['code']} "
                              f"({item['proof']['file']})")


def lesson(path):
    """The lesson in the folder `path`."""
    about = path / "lesson.toml"
    said = read_toml(about)
    declared = said.pop("declared", [])
    broken = said.pop("broken", [])
    for key, kind in KEYS.items():
        if not isinstance(said.get(key), kind):
            raise Problem(f"{about}: {key} is missing, or is not of type "
                          f"{kind.__name__}")
    needs = said.pop("needs", "")
    if needs not in ("", "rust"):
        raise Problem(f"{about}: `needs` is \"rust\" or not there")
    if said.keys() - KEYS.keys():
        raise Problem(f"{about}: {', '.join(said.keys() - KEYS.keys())}: "
                      "no such key")
    for item in declared:
        check_declaration(about, item, said["lanes"])
    steps = [(item["lane"], item["step"]) for item in declared]
    for lane, step in steps:
        if steps.count((lane, step)) > 1:
            raise Problem(f"{about}: the step {step} is declared twice for "
                          f"the lane {lane}")
    files = set(said["lanes"].values())
    for file in files:
        if not (path / file).is_file():
            raise Problem(f"{about}: {path / file}: no such file")
    for file in (*path.glob("*.c"), *path.glob("*.cc"), *path.glob("*.rs")):
        if file.name not in (*files, *HELPERS):
            raise Problem(f"{about}: {file.name} belongs to no lane")
    for item in declared:
        if "proof" in item and said["lanes"]:
            check_codes(item, path / said["lanes"][item["lane"]])
    broken = [broken_lane(path, item, said["lanes"]) for item in broken]
    names = [each.name for each in broken]
    for name in names:
        if names.count(name) > 1:
            raise Problem(f"{about}: two broken lanes are called {name}")
    return Lesson(path, declared=declared, broken=broken, needs=needs,
                  **said)


# what there is not in this build: lessons that need it do not count
ABSENT = set()


def lessons(folder=ROOT / "lessons"):
    """All lessons, in order: the folders NN-name."""
    found = [lesson(path) for path in sorted(Path(folder).iterdir())
             if path.is_dir() and re.match(r"\d\d-", path.name)]
    return [each for each in found if each.needs not in ABSENT]


@dataclass
class Lane:
    """A column: its name, its title, and the folder of its crate."""
    name: str
    title: str
    order: int
    folder: str


def lanes(root=ROOT):
    """All lanes, from the left: what their crates say of themselves."""
    found = [Lane("c", "C", 0, "c")]
    for crate in sorted((root / "lanes").glob("*/src/lib.rs")):
        text = read(crate)
        said = [re.search(rf"^\s*{key}: c?\"?([^\",]+)\"?,", text, re.M)
                for key in ("name", "title", "order")]
        # else it is what lanes are made with
        if all(said) and (crate.parent.parent / "build.rs").exists():
            name, title, order = (m[1] for m in said)
            found.append(Lane(name, title, int(order),
                              crate.parent.parent.name))
    return sorted(found, key=lambda lane: lane.order)


# --- Steps -------------------------------------------------------------------

STEP = re.compile(r'(?:(?<!\w)rec_step\(|\.step\()[^";]*"((?:\\.|[^"\\])*)"')


def parts(text):
    """A lesson's source, cut: [(step, the lines that are its)].

    The call that begins a step begins its part, which goes on to the next
    one, or to the brace that ends the function. What is in no step is "".
    """
    begins = {text.rfind("\n", 0, m.start()) + 1: re.sub(r"\\(.)", r"\1", m[1])
              for m in STEP.finditer(text)}
    found = [("", "")]
    at = 0
    for line in text.splitlines(keepends=True):
        if at in begins:
            found.append((begins[at], ""))
        elif line.startswith("}") and found[-1][0]:
            found.append(("", ""))
        found[-1] = (found[-1][0], found[-1][1] + line)
        at += len(line)
    return found


# --- What a lesson says of its steps -----------------------------------------

@dataclass
class Look:
    """A bullet of "What to look at": the steps that it is about, and what it
    says, in Markdown."""
    steps: list
    text: str
    place: str


SECTION = "## What to look at"
BULLET = re.compile(r"- (\*\*[^*]+\*\*(?:, \*\*[^*]+\*\*)*): (.+)")


def looks(path, steps):
    """(the bullets of a lesson.md, the text without them).

    Each bullet of "What to look at" begins with the names of its steps, in
    bold; a step has one at most. It stands in the row of the first that it
    names. What is said of no step, or of all, is no bullet but a paragraph.
    """
    found, rest = [], []
    inside = False
    last = ""
    for number, line in enumerate(read(path).split("\n"), 1):
        place = f"{path}:{number}"
        if line.startswith("## "):
            inside = line == SECTION
        if inside and line.startswith("- "):
            found.append(look(place, line, steps, found))
        elif inside and found and line.startswith("  "):
            if not last.strip() or re.match(r" +(```|[-*+|>] |\d+\. )", line):
                raise Problem(f"{place}: a bullet of \"{SECTION[3:]}\" is one "
                              "paragraph, without lists, tables or code "
                              "blocks")
            found[-1].text += " " + line.strip()
        else:
            rest.append(line)
        last = line
    text = "\n".join(rest)
    # a heading with nothing left beneath it
    text = re.sub(rf"^{SECTION}\n\s*(?=^## |\Z)", "", text, flags=re.M)
    return found, re.sub(r"\n{3,}", "\n\n", text)


def look(place, line, steps, before):
    match = BULLET.fullmatch(line)
    if not match:
        raise Problem(f"{place}: a bullet of \"{SECTION[3:]}\" begins with its "
                      "steps, as in \"- **open**, **close**: ...\"")
    names = re.findall(r"\*\*([^*]+)\*\*", match[1])
    for name in names:
        if name not in steps:
            raise Problem(f"{place}: no step \"{name}\"; there are: "
                          + ", ".join(dict.fromkeys(steps)))
        if names.count(name) > 1 or any(name in b.steps for b in before):
            raise Problem(f"{place}: the step \"{name}\" has a bullet already")
    # it stands alone, without the names
    return Look(names, match[2][0].upper() + match[2][1:], place)


INLINE = re.compile(
    r"(?P<ticks>`+)(?P<code>.+?)(?<!`)(?P=ticks)(?!`)"
    r"|\*\*(?P<strong>\S(?:.*?\S)?)\*\*"
    r"|\*(?P<em>\S(?:.*?\S)?)\*"
    r"|\[(?P<label>[^\]]+)\]\((?P<target>[^)\s]+)\)"
    r"|\\(?P<escaped>[!-/:-@\[-`{-~])"
    r"|\b(?P<error>E\d{4})\b"
    r"|\b(?P<advisory>RUSTSEC-\d{4}-\d{4})\b")


def reference(text):
    """Where it is said what an error code or an advisory is, or ""."""
    if re.fullmatch(r"E\d{4}", text):
        return f"https://doc.rust-lang.org/error_codes/{text}.html"
    if re.fullmatch(r"RUSTSEC-\d{4}-\d{4}", text):
        return f"https://rustsec.org/advisories/{text}.html"
    return ""


def spans(look, text=None, how="", href=""):
    """A line of Markdown as [{text, as, href}]: nothing is left to parse.

    Code, emphasis, links and backslashes mean something; all else is text.
    """
    text = look.text if text is None else text
    found = []

    def add(text, how, href):
        last = found[-1] if found else None
        if last and (last["as"], last["href"]) == (how, href):
            last["text"] += text
        elif text:
            found.append({"text": text, "as": how, "href": href})

    at = 0
    for m in INLINE.finditer(text):
        add(text[at:m.start()], how, href)
        at = m.end()
        inner = []
        if m["code"]:
            code = re.sub(r"^ (.*\S.*) $", r"\1", m["code"])
            add(code, "code", href or reference(code))
        elif m["strong"] or m["em"]:
            inner = spans(look, m["strong"] or m["em"],
                          "strong" if m["strong"] else "em", href)
        elif m["label"]:
            inner = spans(look, m["label"], how, leads_to(look, m["target"]))
        else:
            add(m["escaped"] or m[0], how, href or reference(m[0]))
        for span in inner:
            add(span["text"], span["as"], span["href"])
    add(text[at:], how, href)
    return found


def leads_to(look, target):
    """A link of a lesson.md where it stands alone: to a lesson, or the web."""
    if re.match(r"https?://", target):
        return target
    path = Path(look.place.rpartition(":")[0]).parent / target.split("#")[0]
    if re.match(r"\w+:", target) or not path.exists():
        raise Problem(f"{look.place}: the link to {target} leads nowhere")
    if path.name == "lesson.md":
        return f"#{path.resolve().parent.name}"
    return ""


# --- C: what the headers promise ---------------------------------------------

HEADINGS = ("Ownership", "Lifetime", "Threads", "Errors")
CALLBACK_HEADINGS = HEADINGS + ("Re-entry",)


@dataclass
class Mistake:
    """What is wrong at a line of a file."""
    file: str
    line: int
    message: str

    def __str__(self):
        return f"{self.file}:{self.line}: {self.message}"


@dataclass
class Function:
    name: str
    file: str
    line: int
    callback: bool
    declaration: str
    # its doc comment without the stars; what of it stands before the headings
    comment: str = ""
    prose: str = ""
    # heading -> its text
    clauses: dict = field(default_factory=dict)

    @property
    def headings(self):
        return CALLBACK_HEADINGS if self.callback else HEADINGS


class Lines:
    """Line numbers of offsets into a text."""

    def __init__(self, text):
        self.starts = [0] + [m.end() for m in re.finditer("\n", text)]

    def at(self, offset):
        return bisect.bisect_right(self.starts, offset)


def spaces(text):
    """As long as `text`, with as many lines, and empty."""
    return re.sub(r"[^\n]", " ", text)


C_TOKEN = re.compile(
    r'(?P<comment>/\*.*?\*/|//[^\n]*)'
    r'|(?P<string>"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\')'
    r'|(?P<directive>^[ \t]*#(?:\\\n|/\*.*?\*/|[^\n])*)',
    re.S | re.M,
)


def split_c(text):
    """Code without comments, and the doc comments as (start, end, text)."""
    docs = []
    code = []
    last = 0
    for m in C_TOKEN.finditer(text):
        code.append(text[last:m.start()])
        if m["comment"] and re.match(r"/\*\*[^*/]", m[0]):
            docs.append((m.start(), m.end(), m[0]))
        code.append(spaces(m[0]))
        last = m.end()
    code.append(text[last:])
    # extern "C" { … }: the string is gone, what is left opens a brace
    joined = "".join(code)
    joined = re.sub(r"\bextern\s*\{", lambda m: spaces(m[0]), joined)
    return joined, docs


def declarations(code):
    """Top-level pieces of C as (start, text up to its ; or its body, body).

    `body` is (start, end) of what is between the braces, or None.
    """
    pieces = []
    start = 0
    depth = 0
    body = None
    for m in re.finditer(r"[;{}]", code):
        c = m[0]
        if c == "{":
            if depth == 0:
                body = [m.end(), None]
            depth += 1
        elif c == "}":
            if depth == 0:
                # the end of an extern "C" block
                start = m.end()
                continue
            depth -= 1
            if depth == 0:
                body[1] = m.start()
                # a function ends here, a type at its semicolon
                if ")" in code[start:body[0] - 1]:
                    pieces.append((start, code[start:body[0] - 1], body))
                    start, body = m.end(), None
        elif depth == 0:
            head = code[start:body[0] - 1] if body else code[start:m.start()]
            pieces.append((start, head, body))
            start, body = m.end(), None
    return pieces


ATTRIBUTE = re.compile(r"__attribute__\s*\(\(.*?\)\)|\bSGZ_[A-Z_]+\s*\([^()]*\)",
                       re.S)
CALLBACK = re.compile(r"\(\s*\*\s*(\w+)\s*\)\s*\(")


def clauses_of(doc):
    """A doc comment's prose, and its headings in order: [(heading, text)]."""
    prose = []
    found = []
    for raw in doc.split("\n"):
        line = re.sub(r"^\s*(/\*\*|\*/|\*)?", "", raw).rstrip()
        line = re.sub(r"\*/$", "", line).rstrip()
        m = re.match(r" ?([A-Z][A-Za-z-]*):(?:\s+(.*))?$", line)
        if m and m[1] in CALLBACK_HEADINGS:
            found.append([m[1], m[2] or ""])
        elif not found:
            prose.append(line.removeprefix(" "))
        elif re.match(r"\s{2,}\S", line):
            found[-1][1] = (found[-1][1] + " " + line.strip()).strip()
        elif not line.strip():
            # a blank line ends the last clause
            found.append([None, ""])
    return "\n".join(prose).strip(), [(h, t) for h, t in found if h]


def public_headers(root):
    """The headers of libsgz, and those of the libraries in exports/."""
    folders = [Path(root) / "csrc/include",
               *sorted(Path(root).glob("exports/*/include"))]
    return [path for folder in folders
            for path in sorted(folder.rglob("*.h"))]


def read_headers(root, problems):
    """Every function and callback of the public headers, by name.

    What is wrong with their comments is added to `problems`.
    """
    functions = {}
    macros = set()
    texts = [(str(path.relative_to(root)), read(path))
             for path in public_headers(root)]
    for file, text in texts:
        macros.update(re.findall(r"^\s*#\s*define\s+(\w+)", text, re.M))
        read_header(file, text, functions, problems)
    for file, text in texts:
        check_mentions(file, text, functions, macros, problems)
    return functions


def read_header(file, text, functions, problems):
    code, docs = split_c(text)
    lines = Lines(text)

    def add(name, start, end, callback, stop):
        """`start` is where the piece before ended, `end` the name's place,
        and `stop` where the declaration ends."""
        above = [d for d in docs if start <= d[0] and d[1] <= end]
        begin = above[-1][1] if above else start
        function = Function(name, file, lines.at(end), callback,
                            even(text[begin:stop]) + ";")
        if name in functions:
            problems.append(Mistake(file, function.line,
                                    f"{name} is declared twice"))
        functions[name] = function
        if not above:
            problems.append(Mistake(file, function.line,
                                    f"{name} has no doc comment"))
            return
        first = lines.at(above[-1][0])
        function.prose, found = clauses_of(above[-1][2])
        function.comment = re.sub(r"^[ \t*]+", "", above[-1][2][3:-2],
                                  flags=re.M).strip()
        for heading, said in found:
            if heading in function.clauses:
                problems.append(Mistake(file, first,
                                        f"{name} has {heading} twice"))
            function.clauses[heading] = said
        for heading in function.headings:
            if heading not in function.clauses:
                problems.append(Mistake(file, first,
                                        f"{name} lacks the heading {heading}"))
            elif not function.clauses[heading]:
                problems.append(Mistake(file, first,
                                        f"{name}: {heading} is empty"))
        for heading in function.clauses:
            if heading not in function.headings:
                problems.append(Mistake(file, first,
                                        f"{name} is not a callback, but has "
                                        f"the heading {heading}"))
        order = [h for h, _ in found]
        if order != sorted(order, key=CALLBACK_HEADINGS.index):
            problems.append(Mistake(file, first,
                                    f"{name}: its headings are not in order"))

    for start, head, body in declarations(code):
        typedef = re.match(r"\s*typedef\b", head)
        aggregate = re.match(r"\s*(?:typedef\s+)?(?:struct|union|enum)\b", head)
        callee = CALLBACK.search(head)
        if typedef and callee:
            add(callee[1], start, start + callee.start(1), True,
                start + len(head))
        elif body and aggregate and "(" not in ATTRIBUTE.sub("", head):
            read_members(code, head, body, add)
        else:
            plain = ATTRIBUTE.sub(lambda m: spaces(m[0]), head)
            m = re.search(r"(\w+)\s*\(", plain)
            if m:
                add(m[1], start, start + m.start(1), bool(typedef),
                    start + len(head))


def read_members(code, head, body, add):
    """The function pointers in the struct with the body `body`."""
    tag = re.search(r"\b(?:struct|union)\s+(?:SGZ_\w+\s+)*(\w+)\s*$", head)
    name = tag[1] if tag else ""
    start = body[0]
    for m in re.finditer(r"[^;]*;", code[body[0]:body[1]]):
        end = body[0] + m.end()
        callee = CALLBACK.search(m[0])
        if callee:
            add(f"{name}.{callee[1]}", start,
                body[0] + m.start() + callee.start(1), True, end - 1)
        start = end


def check_mentions(file, text, functions, macros, problems):
    """A doc comment's `name()` is a function that there is."""
    lines = Lines(text)
    for start, _, doc in split_c(text)[1]:
        for m in re.finditer(r"\b(sgz\w*_\w+|SGZ\w*_\w+)\(\)", doc):
            if m[1] not in functions and m[1] not in macros:
                problems.append(Mistake(file, lines.at(start + m.start()),
                                        f"{m[1]}() is mentioned, but there is "
                                        "no such function"))


# --- What the others are given -----------------------------------------------

def source(path):
    """A file as the driver has it: its steps' code, and which functions of
    the library it calls."""
    text = read(path)
    return {
        "parts": [{"step": step, "text": code.strip("\n").rstrip()}
                  for step, code in parts(text) if step or code.strip()],
        "calls": sorted(set(re.findall(r"\bsgz[a-z]*_\w+(?=\()", text))),
    }


def recorded(lesson):
    """What compilers and other tools said of the lesson's broken lanes.

    tools/broken.py records it, and a test finds out when it is stale.
    """
    path = lesson.path / "tools.json"
    try:
        return json.loads(read(path)) if path.exists() else {}
    except json.JSONDecodeError as e:
        raise Problem(f"{path}: {e}") from None


def broken_json(broken, recorded):
    return {
        "name": broken.name, "lane": broken.lane, "step": broken.step,
        "summary": broken.summary, "cure": broken.cure,
        "file": os.path.relpath(broken.path, ROOT),
        "diff": broken.diff("was", "broken"),
        "cure_diff": broken.diff("broken", "cured"),
        "verdict": broken.verdict, "says": broken.says,
        "tools": recorded.get(broken.name, []), "proof": broken.proof,
    }


def broken_lanes(lesson):
    said = recorded(lesson)
    return [broken_json(broken, said) for broken in lesson.broken]


def everything(folder):
    found = lessons(folder)
    files = {str(each.file(lane)) for each in found for lane in each.lanes}
    functions = read_headers(ROOT, [])
    return {
        "lessons": [{"name": each.name, "title": each.heading,
                     "minutes": each.minutes, "curriculum": each.curriculum,
                     "declared": each.declared,
                     "broken": broken_lanes(each),
                     "looks": [{"steps": look.steps, "spans": spans(look)}
                               for look in each.looks()]} for each in found],
        "sources": {file: source(file) for file in sorted(files)},
        "functions": [
            {"name": f.name, "code": f.declaration, "comment": f.comment,
             "header": f.file.split("include/", 1)[1]}
            for f in functions.values() if not f.callback],
    }


def write(out, text):
    """A new file, so that a reader of the old one is not disturbed."""
    new = Path(f"{out}.new")
    new.write_text(text, encoding="utf-8")
    new.replace(out)


def write_depfile(deps, out, depends):
    """What ninja has to watch: a folder changes when a name is added to it."""
    names = (re.sub(r"([ #])", r"\\\1", str(name)) for name in depends)
    write(deps, f"{out}: {' '.join(names)}\n")


def write_json(out, deps=None, folder=ROOT / "lessons"):
    folder = Path(folder)
    write(out, json.dumps(everything(folder), indent=1) + "\n")
    if deps:
        write_depfile(deps, out, [
            folder, *sorted(folder.glob("*")), *sorted(folder.glob("*/*")),
            *public_headers(ROOT),
            *(path for kept in MISUSE for path in sorted(kept.glob("*"))),
            __file__])


def print_lanes():
    for lane in lanes():
        if lane.order:
            print(lane.folder)


def print_text(name):
    for each in lessons():
        if each.name == name:
            print(each.text(), end="")
            return
    raise Problem(f"there is no lesson {name}")


def print_list(lane=None):
    for each in lessons():
        if lane is None:
            print(each.name)
        elif lane in each.lanes:
            print(f"{each.name}\t{each.file(lane)}")


def print_files(files_of):
    for each in lessons():
        for path in files_of(each):
            print(path)


def check(lane, *names):
    there = [each.name for each in lessons() if lane in each.lanes]
    if list(names) != there:
        raise Problem("The lessons are not those of this build.\nLook again "
                      "with: meson setup --reconfigure BUILD-FOLDER")


LANE_TABLE = """\
/* Written by tools/reader.py from the folders of the lessons. */
#include <ferrule/lane.h>

%s
static const struct ferrule_lesson lessons[] = {
%s};

static const struct ferrule_lane lane = {
	.abi = FERRULE_ABI,
	.order = %d,
	.name = %s,
	.title = %s,
	.lesson_count = sizeof(lessons) / sizeof(lessons[0]),
	.lessons = lessons,
};

__attribute__((visibility("default"))) const struct ferrule_lane *
ferrule_lane(const struct ferrule_host *host)
{
	return host->abi == FERRULE_ABI ? &lane : NULL;
}
"""


def lane_table(mine, order=0, name="c", title="C"):
    """The table, in C, of a lane with the lessons `mine`."""
    functions = "".join(
        f"void\n{each.identifier}(struct ferrule_recorder *rec,\n"
        "\tconst struct ferrule_input *in);\n" for each in mine)
    # JSON's quotes are C's
    rows = "".join(f"\t{{ {json.dumps(each.name)}, "
                   f"{json.dumps(str(each.file('c')), ensure_ascii=False)},\n"
                   f"\t  {each.identifier} }},\n" for each in mine)
    return LANE_TABLE % (functions, rows, order, json.dumps(name),
                         json.dumps(title))


def write_table(out, deps, *names):
    check("c", *names)
    write(out, lane_table([each for each in lessons() if "c" in each.lanes]))
    folder = ROOT / "lessons"
    write_depfile(deps, out, [
        folder, *sorted(folder.glob("*/")), *sorted(folder.glob("*/*.toml")),
        __file__])


COMMANDS = {
    "lanes": print_lanes,
    "list": print_list,
    "check": check,
    "helpers": lambda: print_files(Lesson.helpers),
    "plugins": lambda: print_files(Lesson.plugins),
    "programs": lambda: print_files(Lesson.programs),
    "table": write_table,
    "json": write_json,
    "text": print_text,
    "source": lambda path: print(json.dumps(source(path))),
}


def main(program, usage, commands, verb="", *words):
    """Carry out one of `commands`; what goes wrong is said by `program`."""
    if verb not in commands:
        sys.exit(usage.strip())
    try:
        commands[verb](*words)
    except (OSError, UnicodeDecodeError, Problem) as e:
        sys.exit(f"{program}: {e}")


if __name__ == "__main__":
    words = sys.argv[1:]
    if words[:1] == ["--no-rust"]:
        ABSENT.add(words.pop(0).removeprefix("--no-"))
    main("reader.py", __doc__, COMMANDS, *words)
