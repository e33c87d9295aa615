// SPDX-License-Identifier: MIT OR Apache-2.0
//! Findings that say the same of many items are one, with all its items.
//!
//! A `const` that a binding leaves out, it leaves out everywhere; and an enum
//! that it lacks has many enumerators. What breaks is never put together: each
//! is a fault of its own; and a note is about one item.

use std::fmt::{self, Write as _};

use crate::report::{Finding, Level};

/// From how many on they are put together.
const MANY: usize = 3;

/// Findings that are shown as one.
#[derive(Debug)]
pub struct Group<'r>(Vec<&'r Finding>);

/// The findings in the order of the first of each group.
pub fn groups(all: &[Finding]) -> Vec<Group<'_>> {
    let alike = |one: &Finding, other: &Finding| {
        one.level == Level::Letter
            && one.level == other.level
            && one.kind == other.kind
            && one.so == other.so
    };
    let mut groups: Vec<Group<'_>> = vec![];
    for finding in all {
        let known = groups.iter_mut().find(|group| alike(group.0[0], finding));
        match known {
            Some(group) => group.0.push(finding),
            None => groups.push(Group(vec![finding])),
        }
    }
    groups
        .into_iter()
        .flat_map(|group| match group.0.len() {
            0..MANY => {
                group.0.into_iter().map(|one| Group(vec![one])).collect()
            }
            _ => vec![group],
        })
        .collect()
}

impl Group<'_> {
    /// How bad they are.
    pub fn level(&self) -> Level {
        self.0[0].level
    }
}

impl fmt::Display for Group<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = self.0[0];
        if self.0.len() < MANY {
            return write!(f, "{first}");
        }
        let items: Vec<&str> = self.0.iter().map(|one| &*one.item).collect();
        let (kind, count) = (first.kind.name(), self.0.len());
        let items = items.join(", ");
        writeln!(f, "{items}: {count} items alike [{kind}]")?;
        for one in &self.0 {
            writeln!(f, "  {}: {}", one.item, one.what)?;
            let sides = [&one.rust, &one.c].into_iter().flatten();
            let mut places = String::new();
            for side in sides {
                let comma = if places.is_empty() { "" } else { ", " };
                write!(places, "{comma}{}", side.place)?;
                if let Some(by) = &side.place.by {
                    write!(places, " by {by}")?;
                }
            }
            writeln!(f, "       {places}")?;
        }
        write!(f, "  so   {}", first.so)
    }
}
