// SPDX-License-Identifier: MIT OR Apache-2.0
//! Items of one name in several modules. C has one space of names, so that one
//! of them is compared: the one that the crate shows to its users.

use std::collections::BTreeMap;

use crate::read::items::{Constant, Crate, Declared, TypeItem, Unchecked};

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

fn choose<T>(
    all: &mut Crate,
    known: &mut BTreeMap<String, Declared<T>>,
    rivals: Vec<Declared<T>>,
    what: &str,
) {
    for mut rival in rivals {
        let Some(first) = known.get_mut(&rival.name) else {
            continue;
        };
        let shown = (is_shown(all, first), is_shown(all, &rival));
        if shown == (false, true) {
            std::mem::swap(first, &mut rival);
        }
        let one_is_hidden = shown.0 != shown.1;
        let why = if one_is_hidden {
            format!("another {what} of this name is what the crate shows")
        } else {
            format!(
                "another {what} of this name is compared: one space of names \
                 is all that C has"
            )
        };
        let place = rival.origin.place();
        let item = rival.name;
        let list = if one_is_hidden {
            &mut all.alone
        } else {
            &mut all.unchecked
        };
        list.push(Unchecked { item, place, why });
    }
}

/// Whether a `pub use` brings an item out of its module, or it is in none.
fn is_shown<T>(all: &Crate, item: &Declared<T>) -> bool {
    let module = all.module_of(&item.origin);
    let is_here = |path: &[String]| {
        let own = ["self", "super", "crate"];
        let named = path.iter().filter(|part| !own.contains(&part.as_str()));
        let named: Vec<&str> = named.map(String::as_str).collect();
        let named = named.join("::");
        let before = module.strip_suffix(&named);
        !named.is_empty()
            && before
                .is_some_and(|rest| rest.is_empty() || rest.ends_with("::"))
    };
    let mut globs = all.globs.iter();
    let by_name = all.imports.get(&item.name);
    let mut by_name = by_name.into_iter().flatten();
    module.is_empty()
        || globs.any(|glob| glob.public && is_here(&glob.path))
        || by_name.any(|one| {
            let last = one.path.split_last();
            one.public
                && last.is_some_and(|(name, path)| {
                    *name == item.name && is_here(path)
                })
        })
}
