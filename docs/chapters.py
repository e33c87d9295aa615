#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Makes the book's chapters from the files that are compiled and tested.

mdBook runs this as a preprocessor. No code is pasted into the book:

    {{file PATH}}           a file of the repository
    {{code PATH ITEM}}      the item of that name in it
    {{step PATH STEP}}      one step of a lesson's file
    {{clauses PATH}}        what a public header promises, function by function
    {{lessons}}             a table of the lessons
    {{faults PATH}}         what the driver says to each spoiled lane, by its test

and each folder lessons/NN-name becomes a chapter: its lesson.md, and then
step by step the code of all lanes, side by side. Whatever is not there (an
item, a step, a lane's file, the target of a link) fails the build.

    chapters.py check       the same, without mdBook and without a book
"""

import html
import json
import re
import sys
from pathlib import Path

HEADINGS = ("Ownership", "Lifetime", "Threads", "Errors", "Re-entry")
STEP = re.compile(r'\brec_step\(rec,\s*"([^"]+)"\)|\brec\.step\("([^"]+)"\)')
DIRECTIVE = re.compile(r"^\{\{(\w+)((?: +[^\s}]+)*)\}\}$", re.M)
LANGUAGE = {".c": "c", ".h": "c", ".rs": "rust", ".json": "json"}


class Problem(Exception):
    """Something that the book wants is not there."""


# -- Lanes and lessons, as they lie in the repository ----------------------


class Lane:
    """A column: its name, its title, and how its files are called."""

    def __init__(self, name, title, order, files):
        self.name, self.title, self.order = name, title, order
        self.files = files

    def file(self, lesson):
        for name in self.files:
            if (lesson / name).is_file():
                return lesson / name
        raise Problem(
            f"{lesson.name}: the lane {self.name} has no file there: "
            + " or ".join(self.files)
        )


def lanes(root):
    """All lanes, from the left: what their crates say of themselves."""
    found = [Lane("c", "C", 0, ["c.c"])]
    for crate in sorted((root / "lanes").glob("*/src/lib.rs")):
        text, build = read(crate), crate.parent.parent / "build.rs"
        said = {
            key: re.search(rf"^\s*{key}: c?\"?([^\",]+)\"?,", text, re.M)
            for key in ("name", "title", "order")
        }
        if not all(said.values()) or not build.exists():
            continue  # no lane, but what lanes are made with
        name, title, order = (said[k][1] for k in ("name", "title", "order"))
        files = [f"{name}.rs"]
        if '"raw.rs"' in read(build):
            files.append("raw.rs")
        found.append(Lane(name, title, int(order), files))
    return sorted(found, key=lambda lane: lane.order)


def lessons(root):
    """All lessons, in order: folders NN-name."""
    return sorted(
        path
        for path in (root / "lessons").iterdir()
        if path.is_dir() and re.match(r"\d\d-", path.name)
    )


def title_of(lesson):
    text = read(lesson / "lesson.md")
    match = re.match(r"# (.+)\n", text)
    if not match:
        raise Problem(f"{lesson.name}/lesson.md: begins with no '# ' heading")
    return match[1]


def read(path):
    try:
        return path.read_text()
    except FileNotFoundError:
        raise Problem(f"{path}: no such file") from None


# -- Pieces of a file ------------------------------------------------------


def trim(lines):
    """Without blank lines at either end, and without common indentation."""
    while lines and not lines[0].strip():
        lines = lines[1:]
    while lines and not lines[-1].strip():
        lines = lines[:-1]
    lines = [line.expandtabs(8).rstrip() for line in lines]
    indent = min(
        (len(line) - len(line.lstrip()) for line in lines if line), default=0
    )
    return "\n".join(line[indent:] for line in lines)


def split(path):
    """(what stands around the steps, {step: its code}) of a lesson's file.

    A step goes on to the next one, or to the end of its function.
    """
    around, steps, current = [], {}, None
    for line in read(path).splitlines():
        match = STEP.search(line)
        if match:
            current = match[1] or match[2]
            if current in steps:
                raise Problem(f"{path}: the step '{current}' is there twice")
            steps[current] = []
        elif line.startswith("}"):
            current = None
        if current is None:
            if "SPDX-License-Identifier" not in line:
                around.append(line)
        else:
            steps[current].append(line)
    if not steps:
        raise Problem(f"{path}: no steps")
    return trim(around), {name: trim(code) for name, code in steps.items()}


def step(path, name):
    steps = split(path)[1]
    if name not in steps:
        raise Problem(f"{path}: no step '{name}'; there are: {', '.join(steps)}")
    return steps[name]


def item(path, name):
    """The item called @name: a function, a type, a macro; with its comment."""
    lines = read(path).splitlines()
    word = re.escape(name)
    if path.suffix == ".rs":
        starts = re.compile(
            r"\s*(?:pub(?:\([^)]*\))? )?(?:const |unsafe |safe |extern \S+ )*"
            rf"(?:fn|struct|enum|union|trait|type|static|const|mod) {word}\b"
            rf"|\s*macro_rules! {word}\b|\s*impl\b.*\b{word}\b.*\{{"
        )
    else:
        starts = re.compile(
            rf"(?:[\w \*]* \*?)?{word}\(|(?:struct|enum|union)(?: SGZ_\w+)?"
            rf" {word} \{{|#define {word}\b|.*\b{word}(?:\[\w*\])? = "
        )
    first = next((i for i, line in enumerate(lines) if starts.match(line)), None)
    if first is None:
        raise Problem(f"{path}: no item '{name}'")
    last = end_of(lines, first)
    while first > 0 and re.match(
        r"\s*(///|//|#\[|/\*|\*|\*/)|[A-Za-z][\w \*]*$| \*", lines[first - 1]
    ):
        first -= 1
    return trim(lines[first : last + 1])


def end_of(lines, first):
    """The line that ends the item which begins at @first."""
    indent = re.match(r"\s*", lines[first])[0]
    if lines[first].startswith("#define"):
        last = first
        while lines[last].endswith("\\"):
            last += 1
        return last
    for last in range(first, len(lines)):
        line = lines[last]
        if line.rstrip().endswith(";") and (
            last == first or line.startswith(indent + "}") or "{" not in
            "".join(lines[first : last + 1])
        ):
            return last
        if last > first and line.startswith(indent + "}"):
            return last
        if last == first and line.rstrip().endswith("}"):
            return last
    raise Problem(f"the item at line {first + 1} has no end")


# -- What they look like in Markdown ---------------------------------------


def fence(code, path):
    return f"```{LANGUAGE.get(path.suffix, 'text')}\n{code}\n```\n"


def columns(cells):
    """Cells of (title, code, path) as one row, side by side."""
    row = "".join(
        f'<section class="lane">\n<p class="lane-name">{html.escape(title)}'
        f"</p>\n\n{fence(code, path)}\n</section>\n"
        for title, code, path in cells
    )
    return f'<div class="lanes lanes-{len(cells)}">\n{row}</div>\n'


def sources(root, lesson):
    """(title, path) per column: lanes that share a file share a column."""
    found = []
    for lane in lanes(root):
        path = lane.file(lesson)
        if found and found[-1][1] == path:
            found[-1] = (f"{found[-1][0]} and {lane.title}", path)
        else:
            found.append((lane.title, path))
    return found


def calls(code, known):
    """Links to the clauses of what @code calls."""
    names = dict.fromkeys(re.findall(r"\b(sgz_\w+)\(", code))
    links = [f"[`{n}`](../clauses.md#{n})" for n in names if n in known]
    return f"C calls: {', '.join(links)}\n" if links else ""


def lesson_chapter(root, lesson, known):
    """A lesson's text, and a row of code for each of its steps."""
    text = relink(read(lesson / "lesson.md"), lesson)
    files = sources(root, lesson)
    parts = [split(path) for _, path in files]
    order = list(parts[0][1])
    for (_, path), (_, steps) in zip(files, parts):
        if list(steps) != order:
            raise Problem(
                f"{path}: its steps are {', '.join(steps)}; "
                f"those of {files[0][1].name} are {', '.join(order)}"
            )
    declared = []
    if (lesson / "declared.json").is_file():
        declared = json.loads(read(lesson / "declared.json"))
    out = [text, "\n## The lanes, step by step\n"]
    for name in order:
        out.append(f"\n### {name}\n")
        out.append(calls(parts[0][1][name], known))
        out.append(
            columns(
                [(t, p[1][name], f) for (t, f), p in zip(files, parts)]
            )
        )
        for word in declared:
            if word["step"] == name:
                out.append(
                    f"\nDeclared for the lane *{word['lane']}*: "
                    f"{word['reason']}\n"
                )
    out.append("\n### Around the steps\n")
    out.append(columns([(t, p[0], f) for (t, f), p in zip(files, parts)]))
    out.append(
        f"\nRun it: `./x compare --lesson {lesson.name}`, or with a FILE of "
        "your own behind.\n"
    )
    return "\n".join(out)


def relink(text, lesson):
    """Links of a lesson.md, which work in its folder, as the book has them."""

    def link(match):
        label, target = match[1], match[2]
        if re.match(r"\w+:", target) or target.startswith("#"):
            return match[0]
        path = (lesson / target.split("#")[0]).resolve()
        if not path.exists():
            raise Problem(f"{lesson.name}/lesson.md: no {target}")
        if path.name == "lesson.md":
            return f"[{label}]({path.parent.name}.md)"
        return label  # a file: it stands below

    return re.sub(r"(?<!!)\[([^\]]+)\]\(([^)\s]+)\)", link, text)


def lesson_table(root):
    rows = ["| Lesson | Minutes | Steps |", "|---|---|---|"]
    for lesson in lessons(root):
        minutes = re.search(r"(\d+) minutes", read(lesson / "lesson.md"))
        steps = ", ".join(split(lesson / "c.c")[1])
        rows.append(
            f"| [{title_of(lesson)}](lessons/{lesson.name}.md) "
            f"| {minutes[1] if minutes else ''} | {steps} |"
        )
    return "\n".join(rows) + "\n"


def fault_table(path):
    """The rows of the test's table: a fault, its verdict, the driver's words.

    There the parts of a text that may vary are left out, and marked by "|".
    """
    rows = ["| The fault | Verdict | What the driver says |", "|---|---|---|"]
    table = re.compile(r"^  '(\w+)': \['[^']*', '(\w+)', '([^']+)'\]", re.M)
    for name, verdict, words in table.findall(read(path)):
        parts = [part.strip() for part in words.split("|") if part.strip()]
        # a place is cut off behind the file's name
        parts = [p + ")" * (p.count("(") - p.count(")")) for p in parts]
        rows.append(
            f"| {name.replace('_', ' ')} | {verdict} | `{' … '.join(parts)}` |"
        )
    if len(rows) == 2:
        raise Problem(f"{path}: no table of faults")
    return "\n".join(rows) + "\n"


# -- The clauses of a header -----------------------------------------------


def clauses(path):
    """[(name, declaration, prose, {heading: text})] of a public header."""
    found, text = [], read(path)
    owners = [
        (m.start(), m[1])
        for m in re.finditer(r"^struct (?:SGZ_PACKED )?(\w+) \{", text, re.M)
    ]
    ends = [m.start() for m in re.finditer(r"^\};", text, re.M)]
    pattern = re.compile(r"^(\t?)/\*\*\n(.*?)^\s*\*/\n(.*?[;{])", re.M | re.S)
    for match in pattern.finditer(text):
        declaration = trim(match[3].rstrip("{;").split("\n")) + ";"
        name = re.search(r"\(\*(\w+)\)\(|\b(\w+)\(", declaration)
        name = name[1] or name[2]
        if match[1]:  # a function pointer, in the struct around it
            at = max(o for o in owners if o[0] < match.start())
            assert not any(at[0] < end < match.start() for end in ends)
            name = f"{at[1]}.{name}"
        lines = [
            re.sub(r"^\s*\* ?", "", line) for line in match[2].splitlines()
        ]
        prose, under, heading = [], {}, None
        for line in lines:
            said = re.match(r"([A-Z][\w-]+): (.*)", line)
            if said and said[1] in HEADINGS:
                heading = said[1]
                under[heading] = said[2]
            elif heading:
                under[heading] += " " + line.strip()
            else:
                prose.append(line)
        found.append((name, declaration, "\n".join(prose).strip(), under))
    if not found:
        raise Problem(f"{path}: no function with clauses")
    return found


def prose_of(text):
    """A header's prose as Markdown: what is code in it is set as code."""
    code = r"`[^`]+`|@\w+|\*?\w+(?:->\w+)+(?:\(\))?|\w+\(\)|\*?\b\w*_\w+"
    out, at = [], 0
    for match in re.finditer(code, text):
        out.append(plain(text[at : match.start()]))
        out.append(f"`{match[0].strip('@`')}`")
        at = match.end()
    return "".join(out) + plain(text[at:])


def plain(text):
    """Text in which no sign means anything to Markdown."""
    return re.sub(r"([\\*_`\[\]|])", r"\\\1", html.escape(text, quote=False))


def clause_chapter(path):
    out = []
    for name, declaration, prose, under in clauses(path):
        out.append(f"\n### `{name}` {{#{name}}}\n\n{prose_of(prose)}\n")
        out.append(f"```c\n{declaration}\n```\n")
        out.append("| | |\n|---|---|")
        for heading, text in under.items():
            out.append(f"| **{heading}** | {prose_of(text)} |")
        out.append("")
    return "\n".join(out)


# -- The book --------------------------------------------------------------


class Book:
    """All chapters, made from @root, and checked."""

    def __init__(self, root):
        self.root = root
        headers = sorted((root / "csrc/include/sgz").glob("*.h"))
        self.known = {
            name
            for header in headers
            if "/**" in read(header)
            for name, *_ in clauses(header)
        }

    def expand(self, text, chapter):
        """@text with its directives carried out."""

        def one(match):
            verb, words = match[1], match[2].split()
            try:
                if verb == "file":
                    path = self.root / words[0]
                    return fence(read(path).rstrip(), path)
                if verb == "code":
                    path, name = self.root / words[0], words[1]
                    return fence(item(path, name), path)
                if verb == "step":
                    path, name = self.root / words[0], " ".join(words[1:])
                    return fence(step(path, name), path)
                if verb == "clauses":
                    return clause_chapter(self.root / words[0])
                if verb == "faults":
                    return fault_table(self.root / words[0])
                if verb == "lessons":
                    return lesson_table(self.root)
            except IndexError:
                raise Problem(f"{chapter}: {match[0]}: too few words") from None
            except Problem as problem:
                raise Problem(f"{chapter}: {match[0]}: {problem}") from None
            raise Problem(f"{chapter}: {match[0]}: no such directive")

        return DIRECTIVE.sub(one, text)

    def lessons(self):
        """(title, path in the book, text) of each lesson's chapter."""
        return [
            (
                title_of(lesson),
                f"lessons/{lesson.name}.md",
                lesson_chapter(self.root, lesson, self.known),
            )
            for lesson in lessons(self.root)
        ]


def slug(heading):
    """The id that mdBook gives a heading."""
    text = re.sub(r"[`*]", "", heading.strip()).lower()
    return "".join(
        c if c.isalnum() or c in "_-" else "-" if c.isspace() else ""
        for c in text
    )


def check_links(chapters):
    """Every link within the book leads to a chapter, and to a heading."""
    prose = {
        path: re.sub(r"^```.*?^```|`[^`\n]*`", "``", text, flags=re.M | re.S)
        for path, text in chapters.items()
    }
    ids = {}
    for path, text in chapters.items():
        text = re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)
        ids[path] = set(re.findall(r"\{#([^}]+)\}", text)) | {
            slug(line) for line in re.findall(r"^#+ (.+)$", text, re.M)
        }
    for path, text in prose.items():
        for target in re.findall(r"\]\(([^)\s]+)\)", text):
            if re.match(r"[a-z]+:", target):
                continue
            file, _, anchor = target.partition("#")
            to = path
            if file:
                base = Path("/") / Path(path).parent / file
                to = str(Path(*resolve(base.parts[1:])))
            if to not in chapters:
                raise Problem(f"{path}: links to {target}, which is no chapter")
            if anchor and anchor not in ids[to]:
                raise Problem(f"{path}: links to {target}: no such heading")


def resolve(parts):
    out = []
    for part in parts:
        if part == "..":
            out.pop()
        else:
            out.append(part)
    return out


def walk(items):
    """All chapters of mdBook's tree."""
    for entry in items:
        if isinstance(entry, dict) and "Chapter" in entry:
            yield entry["Chapter"]
            yield from walk(entry["Chapter"]["sub_items"])


def preprocess(context, book):
    maker = Book(Path(context["root"]).resolve().parent)
    items = book.get("items", book.get("sections"))
    parent = None
    for chapter in walk(items):
        chapter["content"] = maker.expand(
            chapter["content"], chapter["path"]
        )
        if chapter["path"] == "lessons.md":
            parent = chapter
    if parent is None:
        raise Problem("SUMMARY.md: no lessons.md for the lessons to stand under")
    for title, path, text in maker.lessons():
        parent["sub_items"].append(
            {
                "Chapter": {
                    # the book numbers its chapters, as the folders do
                    "name": re.sub(r"^\d+ ", "", title),
                    "content": text,
                    "number": parent["number"] + [int(Path(path).name[:2])],
                    "sub_items": [],
                    "path": path,
                    "source_path": None,
                    "parent_names": [parent["name"]],
                }
            }
        )
    check_links({c["path"]: c["content"] for c in walk(items)})
    return book


def check(docs):
    """What preprocess() does, over the files that SUMMARY.md names."""
    maker = Book(docs.parent)
    summary = read(docs / "src/SUMMARY.md")
    chapters = {}
    for path in re.findall(r"\]\(([^)]+\.md)\)", summary):
        chapters[path] = maker.expand(read(docs / "src" / path), path)
    chapters.update({path: text for _, path, text in maker.lessons()})
    check_links(chapters)
    print(f"{len(chapters)} chapters, and every link leads somewhere")


def main(args):
    if args[:1] == ["supports"]:
        return 0
    try:
        if args == ["check"]:
            check(Path(__file__).resolve().parent)
        else:
            context, book = json.load(sys.stdin)
            json.dump(preprocess(context, book), sys.stdout)
    except Problem as problem:
        print(f"chapters.py: {problem}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
