// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a path leads to: an item of the crate, of one that it depends on, or
//! of the standard library.
//!
//! The modules of a crate are one space of names, as C has it.

use std::collections::HashSet;
use std::rc::Rc;

use crate::read::crates::Dependency;
use crate::read::items::Crate;

/// A `use`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// The whole path.
    pub path: Vec<String>,
    /// `pub use`
    pub public: bool,
    /// The module that it stands in.
    pub module: String,
}

/// Where a path leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// To what this crate calls so.
    Here(String),
    /// Out of a crate that this one calls so, by this path.
    There(String, Vec<String>),
    /// To the standard library, or to a crate that stands for it: the whole
    /// path.
    Std(Vec<String>),
}

/// Crates whose names are known without reading them.
const STANDARD: [&str; 5] = ["core", "std", "alloc", "libc", "cty"];

/// Who asks, and for what kind of item.
#[derive(Clone, Copy)]
pub struct Asked<'h> {
    /// Whether a crate has an item of a name, for itself or for others.
    pub has: &'h dyn Fn(&Crate, &str, bool) -> bool,
    /// Another crate asks: only what is `pub` is there.
    pub outside: bool,
}

impl Asked<'_> {
    fn may(self, import: &Import) -> bool {
        import.public || !self.outside
    }
}

/// The paths that were followed: each is, once. Many modules may import a name
/// that leads nowhere, or in a circle.
type Seen = HashSet<Vec<String>>;

impl Crate {
    /// Where `path` leads: to one thing, as a rule. Modules that call
    /// different things by one name make it several, and a name of a crate
    /// that is not known makes it nothing.
    pub fn find(&self, path: &[String], asked: Asked<'_>) -> Vec<Found> {
        let mut all = vec![];
        self.find_at(path, asked, &mut Seen::new(), &mut all);
        all
    }

    fn find_at(
        &self,
        path: &[String],
        asked: Asked<'_>,
        seen: &mut Seen,
        all: &mut Vec<Found>,
    ) {
        let [root, rest @ ..] = path else {
            return;
        };
        if rest.is_empty() {
            self.find_name(root, asked, seen, all);
            return;
        }
        // In a circle, or by another way; and one that grows without end.
        if seen.len() > 500 || !seen.insert(path.to_vec()) {
            return;
        }
        if matches!(&**root, "crate" | "self" | "super" | "Self") {
            self.find_at(rest, asked, seen, all);
        } else if self.modules.contains(root) {
            let last = &path[path.len() - 1];
            self.find_name(last, asked, seen, all);
        } else if self.imported(root).next().is_some() {
            for import in self.imported(root) {
                let whole = [&import.path, rest].concat();
                self.find_at(&whole, asked, seen, all);
            }
        } else if self.dependencies.contains_key(root) {
            push(all, Found::There(root.clone(), rest.to_vec()));
        } else if STANDARD.contains(&&**root) {
            push(all, Found::Std(path.to_vec()));
        }
    }

    /// What `use` calls `root`, but for a crate under its own name.
    fn imported(&self, root: &str) -> impl Iterator<Item = &Import> {
        let all = self.imports.get(root).into_iter().flatten();
        all.filter(move |import| import.path[0] != root)
    }

    fn find_name(
        &self,
        name: &str,
        asked: Asked<'_>,
        seen: &mut Seen,
        all: &mut Vec<Found>,
    ) {
        if (asked.has)(self, name, asked.outside) {
            push(all, Found::Here(name.to_owned()));
            return;
        }
        if !seen.insert(vec![name.to_owned()]) {
            return;
        }
        let imports = self.imports.get(name).into_iter().flatten();
        for import in imports.filter(|import| asked.may(import)) {
            let whole = &import.path;
            // `use libc;` makes a name for the crate, and not for an item.
            if whole.len() > 1 {
                self.find_at(whole, asked, seen, all);
            }
        }
        if all.is_empty() {
            self.find_in_globs(name, asked, seen, all);
        }
    }

    fn find_in_globs(
        &self,
        name: &str,
        asked: Asked<'_>,
        seen: &mut Seen,
        all: &mut Vec<Found>,
    ) {
        let mut by_name = vec![];
        for glob in self.globs.iter().filter(|glob| asked.may(glob)) {
            let mut whole = glob.path.clone();
            whole.push(name.to_owned());
            let mut found = vec![];
            // One of our own modules has been looked at.
            if !self.is_own(&glob.path) {
                self.find_at(&whole, asked, seen, &mut found);
            }
            for one in found {
                match &one {
                    Found::There(root, rest) => {
                        let other = self.dependencies.get(root);
                        if other.is_some_and(|one| has(one, rest, asked)) {
                            push(all, one);
                        }
                    }
                    _ => push(&mut by_name, one),
                }
            }
        }
        // Whether the standard library has it is not known here.
        if all.is_empty() {
            all.extend(by_name);
        }
    }

    /// Whether the attribute at `path` is a procedural macro's.
    pub fn is_procedural(&self, path: &syn::Path) -> bool {
        let (has, outside) = (&|_: &Self, _: &str, _| false, false);
        let found = self.find(&names(path), Asked { has, outside });
        found.iter().any(|one| match one {
            Found::There(root, _) => {
                let other = self.dependencies.get(root);
                other.is_some_and(|other| other.procedural())
            }
            _ => false,
        })
    }

    fn is_own(&self, path: &[String]) -> bool {
        let first = path.iter().find(|one| {
            !matches!(one.as_str(), "crate" | "self" | "super" | "Self")
        });
        first.is_none_or(|first| self.modules.contains(first))
    }
}

/// Whether another crate exports what `path` names; one that cannot be read
/// may.
fn has(other: &Rc<Dependency>, path: &[String], asked: Asked<'_>) -> bool {
    let outside = true;
    if other.procedural() {
        return false;
    }
    let Ok(all) = other.get() else {
        return true;
    };
    let found = all.find(path, Asked { outside, ..asked });
    found.iter().any(|one| match one {
        Found::Here(_) | Found::Std(_) => true,
        Found::There(root, rest) => {
            let next = all.dependencies.get(root);
            next.is_some_and(|next| has(next, rest, asked))
        }
    })
}

fn push(all: &mut Vec<Found>, one: Found) {
    if !all.contains(&one) {
        all.push(one);
    }
}

/// The names of a path.
pub fn names(path: &syn::Path) -> Vec<String> {
    let segments = path.segments.iter();
    segments.map(|segment| plain(&segment.ident)).collect()
}

/// A name without `r#`.
pub fn plain(ident: &syn::Ident) -> String {
    let name = ident.to_string();
    name.strip_prefix("r#").unwrap_or(&name).to_owned()
}

/// The types that a name is given: `Option<T>`.
pub fn type_arguments(
    arguments: &syn::PathArguments,
) -> impl Iterator<Item = &syn::Type> {
    let all = match arguments {
        syn::PathArguments::AngleBracketed(list) => Some(&list.args),
        _ => None,
    };
    all.into_iter().flatten().filter_map(|one| match one {
        syn::GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

/// Whether a crate has a type of this name, for itself or for others.
pub fn has_type(all: &Crate, name: &str, outside: bool) -> bool {
    let found = all.types.get(name);
    found.is_some_and(|item| item.public || !outside)
}
