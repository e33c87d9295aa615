# SPDX-License-Identifier: MIT OR Apache-2.0
"""The reports of one run of the driver, for tests to look at."""

import html.parser
import json
import pathlib
import subprocess
import tempfile
import xml.etree.ElementTree

VOID = ("meta", "br")


class Element:
    def __init__(self, tag, attrs, parent):
        self.tag, self.attrs, self.parent = tag, attrs, parent
        self.classes = attrs.get("class", "").split()
        self.children = []

    def all(self, name):
        """The elements within it of this class, or with this tag."""
        for child in self.children:
            if isinstance(child, Element):
                if name == child.tag or name in child.classes:
                    yield child
                yield from child.all(name)

    def first(self, name):
        return next(self.all(name), None)

    @property
    def text(self):
        return "".join(
            child.text if isinstance(child, Element) else child
            for child in self.children
        )


class Page(html.parser.HTMLParser):
    """An HTML report as a tree."""

    def __init__(self, text):
        super().__init__()
        self.root = self.at = Element("", {}, None)
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        new = Element(tag, dict(attrs), self.at)
        self.at.children.append(new)
        if tag not in VOID:
            self.at = new

    def handle_endtag(self, tag):
        if tag in VOID:
            return
        while self.at.parent is not None and self.at.tag != tag:
            self.at = self.at.parent
        self.at = self.at.parent

    def handle_data(self, data):
        self.at.children.append(data)

    def rows(self):
        """[(the step's name, its cells)]"""
        for section in self.root.all("section"):
            name = section.first("h3").text.lstrip("0123456789")
            yield name, list(section.all("cell"))

    def results(self):
        """[(the step's name, what lanes did there)]: shared, or apart."""
        for name, cells in self.rows():
            yield name, [
                each for cell in cells
                for each in (list(cell.all("result")) or [cell])
            ]


class Run:
    """`ferrule compare`, and its reports in all forms."""

    def __init__(self, ferrule, lanes, lessons, *options):
        with tempfile.TemporaryDirectory() as folder:
            files = {
                kind: pathlib.Path(folder, kind)
                for kind in ("json", "junit", "html")
            }
            reports = [f"--{kind}={path}" for kind, path in files.items()]
            done = subprocess.run(
                [ferrule, "compare", "--lanes", lanes, "--lessons", lessons,
                 *options, *reports, __file__],
                capture_output=True, text=True, timeout=60, check=False,
            )  # fmt: skip
            assert done.returncode in (0, 1), done.stderr
            self.failed = done.returncode == 1
            self.text = done.stdout
            self.json = json.loads(files["json"].read_text())
            self.junit = xml.etree.ElementTree.parse(files["junit"])
            self.page = Page(files["html"].read_text())
