// SPDX-License-Identifier: MIT OR Apache-2.0
//! Items of one name in several modules. C has one space of names, so that one
//! of them is compared: one that may be C's, and that the crate shows to its
//! users.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use crate::read::items::{Constant, Crate, Declared, TypeItem, Unchecked};
use crate::read::lookup::Import;

/// Those that came later than another one of their name, and differ from it.
#[derive(Default)]
pub(super) struct Rivals {
    pub constants: Vec<Declared<Constant>>,
    pub types: Vec<Declared<TypeItem>>,
}

impl Rivals {
    /// Choose between each of them and the one that is known.
    pub fn settle(self, all: &mut Crate) {
        let mut constants = std::mem::take(&mut all.constants);
        choose(all, &mut constants, self.constants, "constant");
        all.constants = constants;
        let mut types = std::mem::take(&mut all.types);
        choose(all, &mut types, self.types, "type");
        all.types = types;
    }
}

fn choose<T: MayBeC>(
    all: &mut Crate,
    known: &mut BTreeMap<String, Declared<T>>,
    rivals: Vec<Declared<T>>,
    what: &str,
) {
    let shown = Shown::of(all);
    for mut rival in rivals {
        let Some(first) = known.get_mut(&rival.name) else {
            continue;
        };
        let rank =
            |one: &Declared<T>| (one.item.may_be_c(), shown.has(all, one));
        let order = rank(first).cmp(&rank(&rival));
        if order == Ordering::Less {
            std::mem::swap(first, &mut rival);
        }
        let place = rival.origin.place();
        let item = rival.name;
        if order == Ordering::Equal {
            let why = format!(
                "another {what} of this name is compared: one space of names \
                 is all that C has"
            );
            all.unchecked.push(Unchecked { item, place, why });
        } else {
            let why = format!("another {what} of this name is compared");
            all.alone.push(Unchecked { item, place, why });
        }
    }
}

trait MayBeC {
    /// Whether it is laid out as C does, if it is laid out at all.
    fn may_be_c(&self) -> bool;
}

impl MayBeC for Constant {
    fn may_be_c(&self) -> bool {
        true
    }
}

impl MayBeC for TypeItem {
    fn may_be_c(&self) -> bool {
        match self {
            Self::Alias(_) | Self::Foreign => true,
            Self::Struct(repr, _) | Self::Union(repr, _) => {
                repr.c || repr.transparent
            }
            Self::Enum(repr, variants) => {
                repr.c || repr.int.is_some() || variants.is_empty()
            }
        }
    }
}

/// The modules whose items are the crate's own for its users: `pub use` brings
/// all of them out.
struct Shown(BTreeSet<String>);

impl Shown {
    fn of(all: &Crate) -> Self {
        let mut shown = BTreeSet::from([String::new()]);
        loop {
            let globs = all.globs.iter();
            let new: Vec<String> = globs
                .filter(|glob| glob.public && shown.contains(&glob.module))
                .map(|glob| absolute(glob, &glob.path))
                .filter(|module| !shown.contains(module))
                .collect();
            if new.is_empty() {
                return Self(shown);
            }
            shown.extend(new);
        }
    }

    fn has<T>(&self, all: &Crate, item: &Declared<T>) -> bool {
        let module = all.module_of(&item.origin);
        let by_name = all.imports.get(&item.name);
        let mut by_name = by_name.into_iter().flatten();
        self.0.contains(module)
            || by_name.any(|one| {
                let last = one.path.split_last();
                one.public
                    && self.0.contains(&one.module)
                    && last.is_some_and(|(name, path)| {
                        *name == item.name && absolute(one, path) == module
                    })
            })
    }
}

/// The module that `path` names, where `import` stands.
fn absolute(import: &Import, path: &[String]) -> String {
    let mut whole: Vec<&str> = match import.module.as_str() {
        "" => vec![],
        module => module.split("::").collect(),
    };
    for part in path {
        match part.as_str() {
            "crate" => whole.clear(),
            "self" => {}
            "super" => {
                whole.pop();
            }
            name => whole.push(name),
        }
    }
    whole.join("::")
}
