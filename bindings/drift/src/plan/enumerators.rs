// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which enumerator of C a name in Rust stands for.
//!
//! Bindings write `SGZ_MODE_READ` as `READ`, `Read`, `ModeRead` or
//! `sgz_mode_SGZ_MODE_READ`. One rule is taken for all names of an enum: that
//! by which most are found. A name that two enumerators would have by it stands
//! for none.

use std::collections::{BTreeMap, BTreeSet};

/// The names of an enum's enumerators in Rust, and which of C's each is.
#[derive(Debug, Default)]
pub struct Names {
    known: BTreeMap<String, usize>,
}

impl Names {
    /// Of the enum that C calls `owner`, with the enumerators `c`. `said` is
    /// what a person said of some.
    pub fn new(
        owner: &str,
        c: &[&str],
        rust: &[&str],
        said: &BTreeMap<String, String>,
    ) -> Self {
        let mut best = BTreeMap::new();
        for rule in rules(owner, c) {
            let found = rule.apply(c, rust);
            if found.len() > best.len() {
                best = found;
            }
        }
        // What is called as in C is that one.
        let exact = Rule::Written(String::new()).apply(c, rust);
        let mut taken: BTreeSet<usize> = exact.values().copied().collect();
        best.retain(|name, at| exact.contains_key(name) || taken.insert(*at));
        best.extend(exact);
        for (name, to) in said {
            best.remove(name);
            if let Some(at) = c.iter().position(|c| c == to) {
                best.insert(name.clone(), at);
            }
        }
        Self { known: best }
    }

    /// Where they are called as in C.
    pub fn exact(c: &[&str], rust: &[&str]) -> Self {
        let known = Rule::Written(String::new()).apply(c, rust);
        Self { known }
    }

    /// Which of C's enumerators the Rust `name` is.
    pub fn find(&self, name: &str) -> Option<usize> {
        self.known.get(name).copied()
    }
}

/// A way to make a name of Rust's out of one of C's.
enum Rule {
    /// Put this before it.
    Written(String),
    /// Take so many characters off.
    Without(usize),
    /// Take so many off, and compare without regard to case and `_`.
    Folded(usize),
}

impl Rule {
    fn name(&self, c: &str) -> Option<String> {
        let name = match self {
            Self::Written(before) => format!("{before}{c}"),
            Self::Without(count) => c.get(*count..)?.to_owned(),
            Self::Folded(count) => fold(c.get(*count..)?),
        };
        (!name.is_empty()).then_some(name)
    }

    /// The names of `rust` that it finds.
    fn apply(&self, c: &[&str], rust: &[&str]) -> BTreeMap<String, usize> {
        let mut made: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (at, name) in c.iter().enumerate() {
            if let Some(name) = self.name(name) {
                made.entry(name).or_default().push(at);
            }
        }
        let folded = matches!(self, Self::Folded(_));
        let mut found: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
        for name in rust {
            let key = if folded { fold(name) } else { plain(name) };
            if let Some([at]) = made.get(&key).map(Vec::as_slice) {
                found.entry(*at).or_default().push(name);
            }
        }
        // Two that would be the same one are none.
        let alone = found.into_iter().filter(|(_, names)| names.len() == 1);
        alone.map(|(at, names)| (names[0].to_owned(), at)).collect()
    }
}

/// The rules to try; the closest first.
fn rules(owner: &str, c: &[&str]) -> Vec<Rule> {
    let mut rules = vec![
        Rule::Written(String::new()),
        Rule::Written(format!("{owner}_")),
    ];
    let mut lengths: Vec<usize> = beginnings(c);
    // The name of the enum, whether or not all have it in common.
    let named = c.iter().find_map(|name| {
        let ends = name.char_indices().map(|(at, _)| at);
        let mut ends = ends.filter(|at| fold(&name[..*at]) == fold(owner));
        let end = ends.next()?;
        let rest = &name[end..];
        Some(end + rest.len() - rest.trim_start_matches('_').len())
    });
    lengths.extend(named);
    lengths.sort_unstable();
    lengths.dedup();
    lengths.reverse();
    rules.extend(lengths.iter().copied().map(Rule::Without));
    rules.push(Rule::Folded(0));
    rules.extend(lengths.into_iter().map(Rule::Folded));
    rules
}

/// How long the beginnings are that all names have in common, and that end
/// where a word does.
fn beginnings(c: &[&str]) -> Vec<usize> {
    let [first, others @ ..] = c else {
        return vec![];
    };
    let common = |end: &usize| {
        let begin = &first[..*end];
        let all = others.iter().chain([first]);
        !others.is_empty()
            && all.into_iter().all(|name| {
                name.strip_prefix(begin)
                    .is_some_and(|rest| !rest.is_empty())
            })
    };
    let chars: Vec<(usize, char)> = first.char_indices().collect();
    let words = chars.windows(2).filter_map(|pair| {
        let [(_, before), (at, after)] = [pair[0], pair[1]];
        let ends = before == '_' && after != '_'
            || before.is_lowercase() && after.is_uppercase();
        ends.then_some(at)
    });
    words.filter(common).collect()
}

/// A name that begins with a digit in C has a `_` before it in Rust.
fn plain(name: &str) -> String {
    match name.strip_prefix('_') {
        Some(rest) if rest.starts_with(|c: char| c.is_ascii_digit()) => {
            rest.to_owned()
        }
        _ => name.to_owned(),
    }
}

fn fold(name: &str) -> String {
    name.replace('_', "").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(owner: &str, c: &[&str], rust: &[&str]) -> Vec<Option<usize>> {
        let names = Names::new(owner, c, rust, &BTreeMap::new());
        rust.iter().map(|name| names.find(name)).collect()
    }

    #[test]
    fn one_rule_finds_all() {
        let c = ["SGZ_MODE_READ", "SGZ_MODE_WRITE_ALL", "SGZ_MODE_2D"];
        let all = vec![Some(0), Some(1), Some(2)];
        for rust in [
            c,
            ["READ", "WRITE_ALL", "_2D"],
            ["MODE_READ", "MODE_WRITE_ALL", "MODE_2D"],
            ["Read", "WriteAll", "_2D"],
            ["ModeRead", "ModeWriteAll", "Mode2D"],
            ["SgzModeRead", "SgzModeWriteAll", "SgzMode2D"],
            [
                "sgz_mode_SGZ_MODE_READ",
                "sgz_mode_SGZ_MODE_WRITE_ALL",
                "sgz_mode_SGZ_MODE_2D",
            ],
        ] {
            assert_eq!(found("sgz_mode", &c, &rust), all, "{rust:?}");
        }
        let c = ["kModeRead", "kModeWrite"];
        assert_eq!(found("mode", &c, &["Read", "Write"]), [Some(0), Some(1)]);
        assert_eq!(found("mode", &["MODE_ONE"], &["One"]), [Some(0)]);
    }

    #[test]
    fn what_may_be_two_is_none() {
        let c = ["A_FOO_BAR", "A_FOOBAR", "A_OTHER"];
        assert_eq!(found("a", &c, &["FooBar", "Other"]), [None, Some(2)]);
        assert_eq!(found("a", &["A_X", "A_Y"], &["X", "x"]), [Some(0), None]);
        assert_eq!(found("a", &["A_X", "A_Y"], &["Z"]), [None]);
    }
}
