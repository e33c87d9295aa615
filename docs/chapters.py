#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Makes the book's chapters from the files that are compiled and tested.

mdBook runs this as a preprocessor. No code is pasted into the book:

    {{file PATH}}           a file of the repository
    {{code PATH ITEM}}      the item of that name in it
    {{step PATH STEP}}      one step of a lesson's file
    {{clauses PATH}}        what a public header promises, function by function
    {{lessons}}             a table of the lessons
    {{exercises}}           the exercises, and how their wrong answers fail
    {{curriculum}}          where each line of the course runs (curriculum.py)
    {{field PART}}          what ./x drift-field found (field.py): crates, sums,
                            breaks or ctest
    {{audit PART}}          the programs of the audit, and what ./x audit-field
                            found (audit.py): programs, sums or field
    {{faults PATH}}         what the driver says to each lane with a fault, by its test

and each folder lessons/NN-name becomes a chapter: its lesson.md, and then
step by step what it says of the step, the code of all lanes, side by side,
what they recorded, and the broken lanes. Which steps stand there is what the
driver found when it ran them: build/results.json, which `./x book` has it
write. Whatever is not there (an item, a step, a lane's file, the target of a
link) fails the build. So does what a lesson quotes and the driver did not say
(quotes.py), and a strategy that its steps do not prove (strategy.py).

    chapters.py check       the same, without mdBook and without a book
"""

import html
import json
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tools"))
import audit
import curriculum
import exercises
import field
import quotes
import strategy
from reader import (Problem, even, lanes, lessons, parts, read, read_headers,
                    reference)

DIRECTIVE = re.compile(r"^\{\{(\w+)((?: +[^\s}]+)*)\}\}$", re.M)
RESULTS = "build/results.json"
BOOK = Path(__file__).resolve().parent / "src"
LANGUAGE = {".c": "c", ".h": "c", ".rs": "rust", ".toml": "toml"}


# -- Pieces of a file ------------------------------------------------------


def split(path):
    """(what stands around the steps, {step: its code}) of a lesson's file."""
    around, steps = [], {}
    for name, code in parts(read(path)):
        if not name:
            around += [line for line in code.splitlines()
                       if "SPDX-License-Identifier" not in line]
        elif name in steps:
            raise Problem(f"{path}: the step '{name}' is there twice")
        else:
            steps[name] = even(code)
    if not steps:
        raise Problem(f"{path}: no steps")
    return even("\n".join(around)), steps


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
    return even("\n".join(lines[first : last + 1]))


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
    """Cells of (title, code, path, results) as one row, side by side."""
    row = "".join(
        f'<section class="lane">\n<p class="lane-name">{html.escape(title)}'
        f"</p>\n\n{fence(code, path)}\n{results}</section>\n"
        for title, code, path, results in cells
    )
    return f'<div class="lanes lanes-{len(cells)}">\n{row}</div>\n'


def joined(cells):
    """The cells of a row; neighbours with the same code and results are one."""
    row = []
    for title, code, path, results in cells:
        if row and (row[-1][1], row[-1][3]) == (code, results):
            title = f"{row.pop()[0]} and {title}"
        row.append((title, code, path, results))
    return row


def results_of(step):
    """What a lane recorded in a step, and who allocated and freed."""
    facts = "".join(
        f"<li><b>{html.escape(event['label'] or event['kind'])}</b> "
        f"{link_codes_in_html(html.escape(event['value']))}</li>\n"
        for event in step.get("events", [])
    )
    memory = "".join(
        f"<li>{html.escape(owner)}: +{did['allocs']:,} ({did['bytes']:,} B), "
        f"\N{MINUS SIGN}{did['frees']:,}</li>\n"
        for owner, did in step.get("memory", {}).items()
    )
    return (
        f'<ul class="facts">\n{facts or "<li>nothing recorded</li>"}</ul>\n'
        f'<ul class="memory">\n{memory or "<li>nothing allocated</li>"}</ul>\n'
    )


class Column:
    """A column: lanes that share a file share one."""

    def __init__(self, lane, path):
        self.title, self.path, self.lanes = lane.title, path, [lane]
        self.around, self.steps = split(path)
        self.shown = set()

    def join(self, lane):
        self.title += f" and {lane.title}"
        self.lanes.append(lane)

    def code(self, name, came):
        """The code of the step @name; @came: the lanes that came to it."""
        if not any(lane.name in came for lane in self.lanes):
            return "(no such step)"
        # of a task the row is called "task NAME", or "NAME: STEP"
        if name.startswith("task ") or name == "threads that are not tasks":
            return "(a thread: its code stands around the steps)"
        step = name if name in self.steps else name.rpartition(": ")[2]
        if step not in self.steps:
            raise Problem(f"{self.path}: no step '{name}', which its lane took")
        self.shown.add(step)
        return self.steps[step]

    def results(self, came):
        """What its lanes did: once if that is the same, else each by name."""
        did = {lane.title: results_of(came[lane.name])
               for lane in self.lanes if lane.name in came}
        if len(set(did.values())) < 2:
            return next(iter(did.values()), "")
        return "".join(
            f'<p class="lane-name">{html.escape(title)}</p>\n{text}'
            for title, text in did.items()
        )


def columns_of(root, lesson):
    found = []
    for lane in lanes(root):
        path = lesson.file(lane.name)
        if found and found[-1].path == path:
            found[-1].join(lane)
        else:
            found.append(Column(lane, path))
    return found


def results(path):
    """What `ferrule compare --json` found."""
    try:
        return json.loads(path.read_text())
    except FileNotFoundError:
        raise Problem(
            f"{path}: no such file: './x book' has the driver write it"
        ) from None


def rows_of(found):
    """{lesson: [(step, {lane: why it may differ, or None})]}: the rows.

    Which steps stand side by side is what the driver says.
    """
    rows = {
        lesson["name"]: [(name, {}) for name in lesson["rows"]]
        for lesson in found["lessons"]
    }
    for cell in found["cells"]:
        for step in cell["steps"]:
            came = rows[cell["lesson"]][step["row"]][1]
            came[cell["lane"]] = step
    return {lesson: its[1:] for lesson, its in rows.items()}


def calls(code, known):
    """Links to the clauses of what @code calls."""
    names = dict.fromkeys(re.findall(r"\b(sgz_\w+)\(", code))
    links = [f"[`{n}`](../clauses.md#{n})" for n in names if n in known]
    return f"C calls: {', '.join(links)}\n" if links else ""


def mistake(broken):
    """A broken lane: what is changed, who sees it, and the cure."""
    said = [(f"{tool['tool']} {tool['version']}".strip(), tool["said"])
            for tool in broken["tools"]]
    reasons = broken.get("cell", {}).get("reasons", [])
    said.append(("ferrule", "\n".join(reasons)))
    rows = "".join(
        f"<tr><th>{html.escape(who)}</th><td>"
        + (f"<pre>{html.escape(words)}</pre>" if words else "nothing")
        + "</td></tr>\n" for who, words in said)
    verdict = broken.get("cell", {}).get("verdict", "not run")
    return f"""
<details class="broken">
<summary><b>A mistake</b> {html.escape(broken["summary"])} \
<code>{verdict}</code></summary>

In `{broken["file"]}`, lane *{broken["lane"]}*:

```diff
{broken["diff"]}
```

What the tools say of it:

<table class="tools">
{rows}</table>

**The cure**: {plain(broken["cure"])}

```diff
{broken["cure_diff"]}
```

</details>
"""


def look_at(lesson, look, step):
    """What the lesson says of a step; of several, at the first of them."""
    first = look.steps[0]
    if step != first:
        return f"See step [\"{first}\"](#{slug(first)}).\n"
    return relink(look.text, lesson) + "\n"


def proof_of(lesson, lane, step):
    """The program that rustc refuses, if that is why the step is prevented."""
    for declared in lesson.declared:
        if (declared["lane"], declared["step"]) != (lane, step):
            continue
        proof = declared.get("proof")
        if proof:
            return (
                f"rustc refuses `{proof['file']}`:\n\n"
                f"```rust\n{proof['program']}\n```\n\n"
                f"```text\n{proof['message']}\n```\n\n"
                f"In C: {proof['in_c']} {proof['code']}\n"
            )
    return ""


REFERENCE = r"\b(?:E\d{4}|RUSTSEC-\d{4}-\d{4})\b"
# What else has a page of its own. It is linked where it is first met.
SPECIFIED = (
    (r"CVE-\d{4}-\d{4,}", "https://www.cve.org/CVERecord?id={0}"),
    (r"RFC (\d+)", "https://www.rfc-editor.org/rfc/rfc{1}"),
    (r"BGZF", "https://samtools.github.io/hts-specs/SAMv1.pdf"),
)


SPECIFICATION = "|".join(
    pattern.replace("(", "(?:") for pattern, _ in SPECIFIED)


def specification(name):
    for pattern, address in SPECIFIED:
        found = re.fullmatch(pattern, name)
        if found:
            return address.format(found[0], *found.groups())
    return ""


def link_references(text):
    """Error codes, advisories and specifications in prose, as links to their
    text. Code, headings, HTML and links stay as they are."""
    met = set()

    def link(match):
        name = match["code"] or match["quoted"]
        if name:
            label = f"`{name}`" if match["quoted"] else name
            return f"[{label}]({reference(name)})"
        name = match["specified"]
        if not name or name in met:
            return match[0]
        met.add(name)
        return f"[{name}]({specification(name)})"

    return re.sub(
        r"^```.*?^```|^#.*?$|^<.*?$|\[[^\]]*\]\([^)]*\)|<li>.*?</li>"
        rf"|`(?P<quoted>{REFERENCE})`|`[^`\n]*`|(?P<code>{REFERENCE})"
        rf"|\b(?P<specified>{SPECIFICATION})\b",
        link, text, flags=re.M | re.S,
    )


def link_codes_in_html(text):
    return re.sub(
        REFERENCE, lambda m: f'<a href="{reference(m[0])}">{m[0]}</a>', text
    )


def lesson_chapter(root, lesson, known, rows, broken):
    """A lesson's text, and a row of code for each of its steps; beneath it
    the broken lanes that break it."""
    found = columns_of(root, lesson)
    out = [relink(lesson.text_around(), lesson),
           "\n## The lanes, step by step\n"]
    looks = {step: look for look in lesson.looks() for step in look.steps}
    for name, came in rows:
        cells = joined((c.title, c.code(name, came), c.path, c.results(came))
                       for c in found)
        out.append(f"\n### {name}\n")
        if name in looks:
            out.append(look_at(lesson, looks[name], name))
        out.append(calls(cells[0][1], known))
        out.append(columns(cells))
        for lane, step in came.items():
            reason = step.get("declared")
            if reason:
                out.append(f"\nDeclared for the lane *{lane}*: {reason}\n")
                out.append(proof_of(lesson, lane, name))
        out += [mistake(b) for b in broken if b["step"] == name]
    for column in found:
        for name in column.steps:
            if name not in column.shown:
                raise Problem(
                    f"{column.path}: the step '{name}' is in no row of the "
                    "results: './x book' runs the driver to write them again"
                )
    out.append("\n### Around the steps\n")
    out.append(columns(joined((c.title, c.around, c.path, "") for c in found)))
    out.append(
        f"\nRun it: `./x compare --lesson {lesson.name}`, or with a FILE of "
        "your own behind.\n"
    )
    return link_references("\n".join(out))


def relink(text, lesson):
    """Links of a lesson.md, which work in its folder, as the book has them."""

    def link(match):
        label, target = match[1], match[2]
        if re.match(r"\w+:", target) or target.startswith("#"):
            return match[0]
        path = (lesson.path / target.split("#")[0]).resolve()
        if not path.exists():
            raise Problem(f"{lesson.name}/lesson.md: no {target}")
        if path.name == "lesson.md":
            return f"[{label}]({path.parent.name}.md)"
        if path.parent == BOOK:
            return f"[{label}](../{path.name})"
        return label  # a file: it stands below

    return re.sub(r"(?<!!)\[([^\]]+)\]\(([^)\s]+)\)", link, text)


def exercise_table(root):
    """The exercises in their order, and the stages in which their wrong answers
    fail."""
    del root  # the exercises are this checkout's
    rows = ["| exercise | format | minutes | after |", "|---|---|---|---|"]
    stages = dict.fromkeys(exercises.STAGES, 0)
    for each in exercises.exercises():
        after = ", ".join(f"`{name[:2]}`" for name in each["after"])
        rows.append(f"| `{each['name']}`: {each['title']} | {each['format']} "
                    f"| {each['minutes']} | {after} |")
        for _, stage, _ in exercises.wrong_answers(Path(each["folder"])):
            stages[stage] += 1
    count = sum(stages.values())
    unseen = sum(stages[stage] for stage in exercises.UNSEEN)
    where = ", ".join(f"{stages[stage]} in {stage}" for stage in stages)
    return "\n".join(rows) + f"""

They come with {count} wrong answers, which the tests hold to the stage in which they fail: {where}.
**{unseen} of them compile and return the right values**: tests of values alone would pass them. They fail by the header, by memory, or because they permit misuse."""


def lesson_table(root):
    rows = ["| Lesson | Minutes | Steps |", "|---|---|---|"]
    for lesson in lessons(root / "lessons"):
        steps = ", ".join(split(lesson.file("c"))[1])
        rows.append(
            f"| [{lesson.heading}](lessons/{lesson.name}.md) "
            f"| {lesson.minutes} | {steps} |"
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


def clause_chapter(functions, file):
    """The clauses of what the header @file declares."""
    out = []
    for f in functions.values():
        if f.file != file:
            continue
        out.append(f"\n### `{f.name}` {{#{f.name}}}\n\n{prose_of(f.prose)}\n")
        out.append(f"```c\n{f.declaration}\n```\n")
        out.append("| | |\n|---|---|")
        for heading, text in f.clauses.items():
            out.append(f"| **{heading}** | {prose_of(text)} |")
        out.append("")
    if not out:
        raise Problem(f"{file}: no function with clauses")
    return "\n".join(out)


# -- The book --------------------------------------------------------------


class Book:
    """All chapters, made from @root, and checked."""

    def __init__(self, root):
        self.root = root
        self.functions = read_headers(root, [])

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
                    return clause_chapter(self.functions, words[0])
                if verb == "faults":
                    return fault_table(self.root / words[0])
                if verb == "field" and words[0] in field.PARTS:
                    return field.PARTS[words[0]]()
                if verb == "audit" and words[0] in audit.PARTS:
                    return audit.PARTS[words[0]]()
                if verb == "lessons":
                    return lesson_table(self.root)
                if verb == "exercises":
                    return exercise_table(self.root)
                if verb == "curriculum":
                    found = curriculum.check(
                        self.root, results(self.root / RESULTS))
                    return curriculum.table(found, slug)
            except IndexError:
                raise Problem(f"{chapter}: {match[0]}: too few words") from None
            except Problem as problem:
                raise Problem(f"{chapter}: {match[0]}: {problem}") from None
            raise Problem(f"{chapter}: {match[0]}: no such directive")

        return DIRECTIVE.sub(one, text)

    def lessons(self):
        """(title, path in the book, text) of each lesson's chapter."""
        found = results(self.root / RESULTS)
        rows = rows_of(found)
        # without Rust nothing of it was run
        if any("cell" in b for b in found.get("broken", [])):
            for lesson in lessons(self.root / "lessons"):
                quotes.check(self.root, lesson, found)
                strategy.check(lesson, found)
        return [
            (
                lesson.heading,
                f"lessons/{lesson.name}.md",
                lesson_chapter(
                    self.root, lesson, self.functions,
                    rows.get(lesson.name, []),
                    [b for b in found.get("broken", []) if b["lesson"] == lesson.name],
                ),
            )
            for lesson in lessons(self.root / "lessons")
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
                raise Problem(f"{path}: links to {target}, which is not a chapter")
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
