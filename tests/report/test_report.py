#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""The HTML report in a real browser: its columns line up, and it fits.

    test_report.py REPORT.html FOLDER-FOR-SCREENSHOTS

Exit code: 0 passed, 1 failed, 77 not run, since there is no browser.
"""

import os
import pathlib
import sys
import unittest

import browser

WIDE, NARROW = 1280, 400
VERDICTS = {"same", "declared", "diverged", "crashed", "timeout", "leaked"}

# Where everything stands, as the browser laid it out.
MEASURE = """(() => {
  const all = (root, what) => [...root.querySelectorAll(what)];
  const box = e => {
    const r = e.getBoundingClientRect();
    return {left: r.left, right: r.right, top: r.top, bottom: r.bottom};
  };
  // what is wider than its box, and does not scroll by itself
  const cut = (e, cell) => !/auto|scroll/.test(getComputedStyle(e).overflowX)
    && e.scrollWidth > e.clientWidth + 1 || box(e).right > box(cell).right + 1;
  const lesson = row => row.closest('article').id;
  const title = row => {
    let e = row.closest('section');
    return e ? (e.querySelector('h3') || e).textContent.trim() : 'heads';
  };
  return {
    inner: innerWidth,
    page: document.documentElement.scrollWidth,
    heads: all(document, '.row.heads').map(row => ({
      lesson: lesson(row),
      shown: row.offsetParent !== null || row.offsetHeight > 0,
      cut: all(row, 'p').some(e => all(e, '*').some(
        inner => box(inner).right > box(e).right + 1)),
      cells: all(row, ':scope > *').map(box)})),
    rows: all(document, '.row.cells').map(row => ({
      title: title(row),
      lesson: lesson(row),
      own: box(row),
      scrolls: row.scrollWidth > row.clientWidth,
      cells: all(row, ':scope > .cell').map(cell => ({
        ...box(cell),
        lane: cell.querySelector('.lane').offsetHeight > 0,
        code: all(cell, ':scope > pre, .around > pre').map(box).map(b => b.top)[0],
        facts: all(cell, ':scope > .facts').map(box).map(b => b.top)[0],
        cut: all(cell, 'p, pre, .facts, .memory').some(e => cut(e, cell)),
        small: Math.min(...all(cell, '*').map(
          e => parseFloat(getComputedStyle(e).fontSize)))}))}))};
})()"""


def equal(values):
    """The same to half a pixel."""
    values = [v for v in values if v is not None]
    return not values or max(values) - min(values) < 0.5


def problems(found):
    """What a reader would see: columns that do not line up, things cut off."""
    said = []
    if found["page"] > found["inner"]:
        said.append(f"the page is {found['page']} px wide, and the window "
                    f"{found['inner']}")
    for head in found["heads"]:
        if head["cut"]:
            said.append(f"{head['lesson']}: a head is wider than its column")
    for row in found["rows"]:
        at = f"step {row['title']}: "
        cells = row["cells"]
        heads = [h for h in found["heads"] if h["lesson"] == row["lesson"]][0]
        if heads["shown"]:
            said += [at + p for p in off_the_grid(cells, heads["cells"])]
        else:
            said += [at + p for p in off_the_strip(row)]
        for what in ("top", "bottom", "code", "facts"):
            if not equal(c.get(what) for c in cells):
                said.append(at + f"the {what} is not at one height")
        if any(c["cut"] for c in cells):
            said.append(at + "something is cut off")
        if min(c["small"] for c in cells) < 11:
            said.append(at + "text is too small")
    return said


def off_the_grid(cells, heads):
    """A cell stands under one head, or under as many as have its code."""
    said = []
    for cell in cells:
        under = [h for h in heads if h["left"] > cell["left"] - 1
                 and h["right"] < cell["right"] + 1]
        if not under or not equal((under[0]["left"], cell["left"])) \
                or not equal((under[-1]["right"], cell["right"])):
            said.append(f"columns at {cell['left']}, not under a head")
        heads = [h for h in heads if h not in under]
    if heads:
        said.append("a column has no cell")
    return said


def off_the_strip(row):
    """On a narrow window each row scrolls, and its cells follow each other."""
    cells = row["cells"]
    lefts = [c["left"] for c in cells]
    if sorted(lefts) != lefts or len(set(lefts)) != len(lefts):
        yield "columns are not side by side"
    if not equal((lefts[0], row["own"]["left"])):
        yield f"columns at {lefts}, not at the row's edge"
    if not equal(c["right"] - c["left"] for c in cells):
        yield "columns are of different widths"


class Report(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.page.resize(WIDE)

    def run_js(self, script):
        return self.page.run(script)

    def screenshot(self, name):
        """Of the first lesson's steps, for people to look at."""
        self.run_js("document.querySelector('.step').scrollIntoView()")
        self.page.screenshot(os.path.join(self.folder, name))

    def test_columns_line_up_when_wide(self):
        found = self.run_js(MEASURE)
        self.assertGreater(len(found["rows"]), 9)
        self.assertEqual({len(r["cells"]) for r in found["rows"]}, {2, 3, 4})
        self.assertEqual([], problems(found))
        self.assertTrue(all(h["shown"] for h in found["heads"]))
        self.assertFalse(any(r["scrolls"] for r in found["rows"]))
        self.screenshot("report-1280.png")

    def test_columns_line_up_when_narrow(self):
        self.page.resize(NARROW)
        found = self.run_js(MEASURE)
        self.assertEqual([], problems(found))
        for row in found["rows"]:
            # one lane to a screen, and each says which it is
            first = row["cells"][0]
            self.assertLessEqual(first["right"], NARROW)
            self.assertGreater(first["right"] - first["left"], NARROW * 0.7)
            self.assertTrue(all(c["lane"] for c in row["cells"]))
            self.assertTrue(row["scrolls"])
        self.screenshot("report-400.png")

    def test_the_last_lane_can_be_reached_when_narrow(self):
        self.page.resize(NARROW)
        self.run_js("document.querySelectorAll('.row.cells').forEach("
                    "row => row.scrollLeft = row.scrollWidth)")
        found = self.run_js(MEASURE)
        for row in found["rows"]:
            last = row["cells"][-1]
            self.assertGreaterEqual(last["left"], 0, row["title"])
            self.assertLessEqual(last["right"], NARROW, row["title"])

    def test_verdicts_are_at_the_top(self):
        lessons = self.run_js("document.querySelectorAll('h2').length")
        rows = self.run_js(
            "[...document.querySelectorAll('.matrix tbody tr')].map(tr => "
            "[...tr.querySelectorAll('.verdict')].map(v => v.textContent))")
        self.assertGreaterEqual(len(rows), 9)
        self.assertEqual(len(rows), lessons)
        self.assertEqual({len(r) for r in rows}, {4})
        self.assertLessEqual({v for r in rows for v in r}, VERDICTS)
        self.assertTrue(self.run_js(
            "document.querySelector('.matrix').getBoundingClientRect().top + "
            "scrollY < document.querySelector('.row.cells')"
            ".getBoundingClientRect().top + scrollY"))

    def test_lanes_with_the_same_code_share_a_cell(self):
        rows = self.run_js(
            "[...document.querySelectorAll('.step .cells')].map(row => "
            "[...row.children].map(c => ({code: "
            "c.querySelector(':scope > pre')?.textContent, all: c.innerText, "
            "titles: c.querySelector('.lane').textContent})))")
        shared = 0
        for cells in rows:
            for one, other in zip(cells, cells[1:]):
                self.assertFalse(
                    one["code"] == other["code"]
                    and one["all"].replace(one["titles"], "")
                    == other["all"].replace(other["titles"], ""))
            shared += any(" and " in c["titles"] for c in cells)
        # only a few steps need code of their own for bindgen's crate
        self.assertGreater(shared, len(rows) * 0.8)

    def test_every_verdict_stands_over_its_column(self):
        lessons = self.run_js(
            "[...document.querySelectorAll('.row.heads')].map(row => "
            "[...row.querySelectorAll('.verdict')].map(v => v.textContent))")
        summary = self.run_js(
            "[...document.querySelectorAll('.matrix tbody tr')].map(tr => "
            "[...tr.querySelectorAll('.verdict')].map(v => v.textContent))")
        self.assertEqual(lessons, summary)

    def test_each_step_says_what_to_look_at(self):
        looks = self.run_js(
            "[...document.querySelectorAll('.step')].map(step => "
            "step.querySelector('h3 + .look')?.textContent || '')")
        self.assertEqual([at for at, look in enumerate(looks)
                          if len(look) < 10], [])
        self.assertEqual([look for look in looks
                          if "`" in look or "**" in look or "](" in look], [])

    def test_what_is_prevented_shows_its_proof(self):
        proofs = self.run_js(
            "[...document.querySelectorAll('.facts .prevented')].map(e => "
            "e.closest('.cell').querySelector('.proof')?.innerText)")
        self.assertGreater(len(proofs), 9)
        for proof in proofs:
            self.assertRegex(proof or "none", r"rustc refuses (?s:.*)error\[E")

    def test_every_verdict_of_the_summary_is_in_the_window(self):
        for width in (320, NARROW, 600, 900, WIDE):
            self.page.resize(width)
            off = self.run_js(
                "[...document.querySelectorAll('.matrix .verdict')].filter("
                "v => { const r = v.getBoundingClientRect(); return r.left < 0"
                " || r.right > innerWidth || r.width === 0; }).length")
            self.assertEqual(off, 0, f"verdicts off a window of {width} px")
            # and it says of which lane it is: above it, or beside it
            named = self.run_js(
                "document.querySelector('.matrix thead').offsetHeight > 0 || "
                "[...document.querySelectorAll('.matrix td a')].every(a => "
                "getComputedStyle(a, '::before').content.length > 2)")
            self.assertTrue(named, f"lanes have no names at {width} px")

    def test_nothing_allocated_is_not_out_of_memory(self):
        said = self.run_js("document.body.innerText")
        self.assertIn("nothing allocated", said)
        self.assertNotIn("no memory", said)

    def test_headings(self):
        self.assertEqual(self.run_js("document.querySelectorAll('h1').length"),
                         1)
        self.assertEqual(self.run_js(
            "[...document.querySelectorAll('h1, h2, h3')].filter("
            "h => !h.textContent.trim()).length"), 0)

    def test_each_step_shows_code_and_what_it_did(self):
        empty = self.run_js(
            "[...document.querySelectorAll('.row.cells .cell')].filter(c => "
            "!c.querySelector('pre')?.textContent.trim()).length")
        self.assertEqual(empty, 0)

    def test_the_page_stands_alone(self):
        self.assertEqual(self.run_js(
            "[...document.querySelectorAll('[src], link, script[src]')]"
            ".map(e => e.outerHTML)"), [])
        self.assertEqual(self.run_js(
            "performance.getEntriesByType('resource').map(e => e.name)"), [])

    def test_links_lead_somewhere(self):
        self.assertEqual(self.run_js(
            "[...document.querySelectorAll('a[href^=\"#\"]')].map("
            "a => a.getAttribute('href').slice(1)).filter("
            "id => !document.getElementById(id))"), [])

    # That the measuring itself can fail.

    def planted(self, style):
        self.run_js("(() => { const s = document.createElement('style');"
                    f"s.id = 'planted'; s.textContent = {style!r};"
                    "document.head.append(s); })()")
        try:
            return problems(self.run_js(MEASURE))
        finally:
            self.run_js("document.getElementById('planted').remove()")

    def test_a_moved_cell_is_seen(self):
        self.assertTrue(any("columns at" in p for p in self.planted(
            ".step:nth-of-type(2) .cell:nth-child(2) "
            "{ transform: translateX(3px); }")))

    def test_a_wide_page_is_seen(self):
        self.assertTrue(any("the page is" in p for p in self.planted(
            "h1 { width: 3000px; }")))

    def test_what_is_cut_off_is_seen(self):
        self.assertTrue(any("cut off" in p for p in self.planted(
            ".cell pre span { white-space: pre !important; "
            "overflow-wrap: normal !important; min-width: 900px; }")))

    def test_code_at_different_heights_is_seen(self):
        self.assertTrue(any("not at one height" in p for p in self.planted(
            ".cell:nth-child(2) pre { transform: translateY(4px); }")))


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    report, Report.folder = map(os.path.abspath, sys.argv[1:])
    found = browser.find()
    if not found:
        print("not run: the report in a browser, since there is no Chromium "
              "(Debian's package: chromium)")
        return 77
    with browser.Page(pathlib.Path(report).as_uri(), found) as Report.page:
        ran = unittest.main(argv=sys.argv[:1], exit=False)
    return 0 if ran.result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
