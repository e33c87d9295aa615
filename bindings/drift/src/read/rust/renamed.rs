// SPDX-License-Identifier: MIT OR Apache-2.0
//! `pub use inner::X as Y` of a type: `Y` is a name for it, as by
//! `pub type Y = X`.

use crate::read::items::{Crate, Declared, TypeItem};
use crate::read::lookup::{Asked, Found, Import, has_type};

pub(super) fn name(all: &mut Crate) {
    let new: Vec<_> = all
        .imports
        .iter()
        .filter(|(name, imports)| renames(name, imports))
        .filter_map(|(name, _)| alias(all, name))
        .collect();
    let named = new.into_iter().map(|item| (item.name.clone(), item));
    all.types.extend(named);
}

fn renames(name: &str, imports: &[Import]) -> bool {
    let mut imports = imports.iter().filter(|one| one.public);
    name != "_" && imports.any(|one| one.path.last().is_some_and(|l| l != name))
}

/// None: it is no type of the crate's own, or one of several.
fn alias(all: &Crate, name: &str) -> Option<Declared<TypeItem>> {
    let (has, outside) = (&has_type, false);
    let found = all.find(&[name.to_owned()], Asked { has, outside });
    let [Found::Here(target)] = found.as_slice() else {
        return None;
    };
    // Else it has a type of this name.
    let item = all.types.get(target).filter(|_| target != name)?;
    Some(Declared {
        name: name.to_owned(),
        origin: item.origin.clone(),
        public: true,
        item: TypeItem::Alias(Box::new(syn::parse_str(target).ok()?)),
    })
}
