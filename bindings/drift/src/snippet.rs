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
        mark: Option<Range<usize>>,
    ) -> Self {
        let mut text = String::new();
        let (mut from, mut to) = (None, None);
        let mut rest = range.start.min(source.len());
        let end = range.end.min(source.len());
        while rest < end {
            if let Some(mark) = &mark {
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
            if let Some(mark) = &mark {
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
