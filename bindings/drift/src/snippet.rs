// SPDX-License-Identifier: MIT OR Apache-2.0
//! A declaration as its source has it, in one line, with a part marked.

use std::ops::Range;

/// One line of source, and what in it matters.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Snippet {
    /// The line.
    pub text: String,
    /// The marked part: bytes of `text`.
    pub mark: Option<Range<usize>>,
}

impl Snippet {
    /// What stands at `range` of `source`, with `mark` (a range of `source`
    /// too) marked: comments go, and white space becomes single spaces.
    pub fn new(
        source: &str,
        range: Range<usize>,
        mark: Option<&Range<usize>>,
    ) -> Self {
        let mut text = String::new();
        let (mut from, mut to) = (None, None);
        let mut rest = range.start.min(source.len());
        let end = range.end.min(source.len());
        while rest < end {
            if let Some(mark) = mark {
                if rest >= mark.end && to.is_none() && from.is_some() {
                    to = Some(text.trim_end().len());
                }
            }
            // A macro of another file may stand behind the range.
            let Some(here) = source.get(rest..end) else {
                break;
            };
            let skipped = gap(here);
            if skipped > 0 {
                if !text.is_empty() && !text.ends_with(' ') {
                    text.push(' ');
                }
                rest += skipped;
                continue;
            }
            if let Some(mark) = mark {
                if rest >= mark.start && from.is_none() {
                    from = Some(text.len());
                }
            }
            let Some(next) = here.chars().next() else {
                break;
            };
            text.push(next);
            rest += next.len_utf8();
        }
        let text = text.trim_end().to_owned();
        let mark = from.map(|from| from..to.unwrap_or(text.len()));
        Self { text, mark }
    }

    /// At most `width` characters of the text, with the start of what is
    /// marked among them, and the characters that are marked. `...` stands for
    /// what is left out.
    pub fn excerpt(&self, width: usize) -> (String, Option<Range<usize>>) {
        let all: Vec<char> = self.text.chars().collect();
        let count = |to: usize| {
            self.text
                .get(..to)
                .map_or(all.len(), |part| part.chars().count())
        };
        let mark = self.mark.as_ref();
        let mark = mark.map(|mark| count(mark.start)..count(mark.end));
        // As far to the left as shows what is marked.
        let end = mark.as_ref().map_or(0, |mark| all.len().min(mark.end + 3));
        let first = mark.as_ref().map_or(0, |mark| mark.start);
        let mut from = end.saturating_sub(width).min(first.saturating_sub(3));
        if all.len() <= width || end <= width {
            from = 0;
        }
        let to = all.len().min(from + width);
        let mut shown = all.get(from..to).unwrap_or_default().to_vec();
        let len = shown.len();
        if from > 0 {
            shown[..3].fill('.');
        }
        if to < all.len() {
            shown[len - 3..].fill('.');
        }
        let mark = mark.map(|mark| {
            let end = mark.end.clamp(from, to) - from;
            let start = mark.start.clamp(from, to) - from;
            start..end.max(start + 1)
        });
        (shown.into_iter().collect(), mark)
    }

    /// The same with its first `part` marked, if it has one and no mark.
    #[must_use]
    pub fn marked(mut self, part: &str) -> Self {
        if self.mark.is_none() && !part.is_empty() {
            self.mark = self.text.find(part).map(|at| at..at + part.len());
        }
        self
    }
}

/// How many bytes of white space or comment `text` starts with.
fn gap(text: &str) -> usize {
    // The most frequent answer first.
    if text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_') {
        return 0;
    }
    if let Some(comment) = text.strip_prefix("/*") {
        return comment.find("*/").map_or(text.len(), |at| at + 4);
    }
    if text.starts_with("\\\n") {
        return 2;
    }
    if text.starts_with("//") {
        return text.find('\n').unwrap_or(text.len());
    }
    text.len() - text.trim_start().len()
}

#[cfg(test)]
mod tests {
    use super::Snippet;

    fn excerpt(text: &str, part: &str, width: usize) -> String {
        let snippet = Snippet {
            text: text.to_owned(),
            mark: None,
        };
        let (text, mark) = snippet.marked(part).excerpt(width);
        let mark = mark.map_or(String::new(), |mark| {
            " ".repeat(mark.start) + &"^".repeat(mark.len())
        });
        format!("{text}\n{mark}")
    }

    #[test]
    fn one_line_shows_what_is_marked() {
        assert_eq!(excerpt("abc def", "def", 7), "abc def\n    ^^^");
        assert_eq!(excerpt("abc def ghi", "", 8), "abc d...\n");
        assert_eq!(excerpt("abc def ghi", "b", 8), "abc d...\n ^");
        assert_eq!(
            excerpt("abc def ghi jkl mno", "jkl", 12),
            "...hi jkl...\n      ^^^"
        );
        assert_eq!(excerpt("abc def ghi", "ghi", 10), "...def ghi\n       ^^^");
        assert_eq!(excerpt("ä öü é ß", "é", 8), "ä öü é ß\n     ^");
        // What is marked is longer than the line.
        assert_eq!(
            excerpt("abc defghijklmnop", "defghijklmnop", 9),
            "...def...\n   ^^^^^^"
        );
    }
}
