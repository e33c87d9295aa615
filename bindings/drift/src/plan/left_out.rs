// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a person said is not to be compared. The header has it all the same:
//! what stands for it there is not missing.

use super::Planner;
use crate::read::items::{Declared, Function, Symbol};
use crate::read::rules::Class;

impl Planner<'_> {
    /// Whether an item is left out.
    pub(super) fn skips(&mut self, class: Class, name: &str) -> bool {
        if !self.all.rules.skips(class, name) {
            return false;
        }
        self.bound.insert(name.to_owned());
        if let (Class::Types, Some((_, c, _))) =
            (class, self.header.enumeration(name))
        {
            let names = c.constants.iter().map(|decl| decl.name.clone());
            self.bound.extend(names);
        }
        true
    }

    pub(super) fn skips_function(
        &mut self,
        function: &Declared<Function>,
    ) -> bool {
        let skipped = self.skips(Class::Functions, &function.name);
        if let (true, Some(Symbol::Name(name))) =
            (skipped, &function.item.symbol)
        {
            self.bound.insert(name.clone());
        }
        skipped
    }
}
