// SPDX-License-Identifier: MIT OR Apache-2.0
//! Types that contain themselves. Rust refuses them, so that a file with one
//! is no binding; and whoever asks how large one is would never end.

use std::collections::BTreeMap;

use syn::Type;

use crate::read::items::{Crate, TypeItem, Unchecked};
use crate::read::lookup::{plain, type_arguments};

/// Take the types that contain themselves away: they are not checked.
pub fn remove(all: &mut Crate) {
    let inside: BTreeMap<&str, Vec<String>> = all
        .types
        .iter()
        .map(|(name, item)| (name.as_str(), parts(&item.item)))
        .collect();
    let bad: Vec<String> = inside
        .keys()
        .filter(|name| reaches(name, &inside))
        .map(|name| (*name).to_owned())
        .collect();
    for name in bad {
        if let Some(item) = all.types.remove(&name) {
            all.unchecked.push(Unchecked {
                item: name,
                place: item.origin.place(),
                why: "a type that contains itself".to_owned(),
            });
        }
    }
}

/// Whether a `name` is part of a `name`.
fn reaches(name: &str, inside: &BTreeMap<&str, Vec<String>>) -> bool {
    let mut seen: Vec<&str> = vec![];
    let mut left: Vec<&str> = vec![name];
    while let Some(one) = left.pop() {
        for part in inside.get(one).into_iter().flatten() {
            if part == name {
                return true;
            }
            if !seen.contains(&part.as_str()) {
                seen.push(part);
                left.push(part);
            }
        }
    }
    false
}

/// The names of the types that are in one of `item`: not behind a pointer.
fn parts(item: &TypeItem) -> Vec<String> {
    let mut names = vec![];
    match item {
        TypeItem::Alias(ty) => add(ty, &mut names),
        TypeItem::Struct(_, fields) | TypeItem::Union(_, fields) => {
            for field in fields {
                add(&field.ty, &mut names);
            }
        }
        TypeItem::Enum(..) | TypeItem::Foreign => {}
    }
    names
}

fn add(ty: &Type, names: &mut Vec<String>) {
    match ty {
        Type::Array(array) => add(&array.elem, names),
        Type::Paren(inner) => add(&inner.elem, names),
        Type::Group(inner) => add(&inner.elem, names),
        Type::Tuple(tuple) => {
            for one in &tuple.elems {
                add(one, names);
            }
        }
        Type::Path(path) => {
            let Some(last) = path.path.segments.last() else {
                return;
            };
            // One of another module or crate may have the same name.
            let name = plain(&last.ident);
            if path.path.segments.len() > 1 && !holds(&name) {
                return;
            }
            if holds(&name) {
                let arguments = type_arguments(&last.arguments);
                arguments.for_each(|one| add(one, names));
            }
            names.push(name);
        }
        _ => {}
    }
}

/// Whether a `name<T>` has a `T` in it.
fn holds(name: &str) -> bool {
    matches!(
        name,
        "Option" | "MaybeUninit" | "ManuallyDrop" | "UnsafeCell" | "Cell"
    )
}
