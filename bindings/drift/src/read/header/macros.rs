// SPDX-License-Identifier: MIT OR Apache-2.0
//! What macros stand for.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use clang_sys::CXCursor_VarDecl;

use super::{CKind, CType, Header, Stands, c_type};
use crate::Error;
use crate::read::clang::Unit;

/// The file in which macros are used.
const FILE: &str = "ferrule-drift.c";

/// A C file that uses each macro on a line of its own.
struct Uses {
    text: String,
    /// The macro on each line.
    lines: BTreeMap<u32, String>,
}

impl Uses {
    fn of(header: &Header) -> Self {
        let mut text = header.prelude.clone();
        let first = u32::try_from(text.lines().count() + 1).unwrap_or(0);
        let mut lines = BTreeMap::new();
        for ((name, value), line) in header
            .macros
            .iter()
            .filter(|(_, value)| {
                matches!(value.stands, Stands::Other | Stands::Arguments(_))
            })
            .zip(first..)
        {
            let _ = match value.stands {
                // Any argument will do: one that does not fit is a warning.
                Stands::Arguments(count) => writeln!(
                    text,
                    "typedef __typeof__(({name}({}))) fd_macro_{line};",
                    vec!["1"; count].join(", ")
                ),
                _ => writeln!(text, "__auto_type fd_macro_{line} = ({name});"),
            };
            lines.insert(line, name.clone());
        }
        Self { text, lines }
    }
}

/// Find out which macros are expressions, and of which type: each is made the
/// value of a variable, and where that is an error, it is none.
pub fn classify(header: &mut Header, args: &[String]) -> Result<(), Error> {
    let uses = Uses::of(header);
    let mut all = args.to_vec();
    all.extend(["-ferror-limit=0", "-w"].map(str::to_owned));
    let unit = Unit::parse(FILE, &uses.text, &all).map_err(Error::Libclang)?;
    let errors = unit.errors().into_iter();
    let wrong: BTreeSet<u32> = errors
        .filter(|error| error.file.ends_with(FILE))
        .map(|error| error.line)
        .collect();
    for line in &wrong {
        let name = uses.lines.get(line);
        if let Some(found) = name.and_then(|name| header.macros.get_mut(name)) {
            found.stands = Stands::Other;
        }
    }
    for item in unit.items() {
        let at = item.extent();
        if item.kind() != CXCursor_VarDecl
            || wrong.contains(&at.line)
            || !at.file.ends_with(FILE)
        {
            continue;
        }
        let name = uses.lines.get(&at.line);
        if let Some(found) = name.and_then(|name| header.macros.get_mut(name)) {
            found.value = item.constant();
            found.stands = stands(c_type(item.ty()));
        }
    }
    Ok(())
}

/// What a macro with the value of a variable of type `ty` is.
fn stands(ty: CType) -> Stands {
    match &ty.kind {
        CKind::Pointer(to) if matches!(to.kind, CKind::Function(_)) => {
            Stands::Function
        }
        _ => Stands::Expression(ty),
    }
}
