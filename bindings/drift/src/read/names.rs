// SPDX-License-Identifier: MIT OR Apache-2.0
//! What C calls the types and values that Rust exports: the part of cbindgen's
//! configuration that renames.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::Path;

use toml::{Table, Value};

use crate::Error;

/// Names in C of what Rust defines.
#[derive(Debug, Default, Clone)]
pub struct Names {
    types: HashMap<String, String>,
    constants: HashMap<String, String>,
    excluded: BTreeSet<String>,
    /// `ScreamingSnakeCase`, for enumerators.
    screaming: bool,
    /// Enumerators begin with their enum's name.
    prefixed: bool,
}

/// Whether `rename_variants` makes `ReadOnly` into `READ_ONLY`.
fn is_screaming(rule: Option<&Value>) -> Result<bool, String> {
    match rule.map(Value::as_str) {
        None | Some(Some("None")) => Ok(false),
        Some(Some("ScreamingSnakeCase")) => Ok(true),
        Some(other) => Err(format!(
            "rename_variants: {} is not understood: it is \
             ScreamingSnakeCase or None",
            other.unwrap_or("what is no text"),
        )),
    }
}

impl Names {
    /// Read a `cbindgen.toml`: `[export] exclude`, `[export.rename]`, and
    /// `[enum] rename_variants` and `prefix_with_name`.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let text = fs::read_to_string(path)
            .map_err(|error| Error::Read(path.to_path_buf(), error))?;
        Self::parse(&text).map_err(|why| Error::Names(path.to_path_buf(), why))
    }

    fn parse(text: &str) -> Result<Self, String> {
        let all: Table = text
            .parse()
            .map_err(|error: toml::de::Error| error.message().to_owned())?;
        let empty = Table::new();
        let table = |of: &Value| of.as_table().cloned();
        let export = all.get("export").and_then(table);
        let export = export.as_ref().unwrap_or(&empty);
        let mut names = Self::default();
        for (rust, c) in
            export.get("rename").and_then(table).unwrap_or_default()
        {
            let c = c.as_str().ok_or(format!("{rust}: a name is text"))?;
            names.types.insert(rust, c.to_owned());
        }
        for name in export
            .get("exclude")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            let name = name.as_str().ok_or("exclude: a name is text")?;
            names.excluded.insert(name.to_owned());
        }
        let enums = all.get("enum").and_then(table).unwrap_or_default();
        names.prefixed = enums
            .get("prefix_with_name")
            .and_then(Value::as_bool)
            .unwrap_or(false);
        names.screaming = is_screaming(enums.get("rename_variants"))?;
        Ok(names)
    }

    /// C calls the type `rust` so.
    pub fn add_type(&mut self, rust: &str, c: &str) {
        self.types.insert(rust.to_owned(), c.to_owned());
    }

    /// C calls the constant `rust` so.
    pub fn add_constant(&mut self, rust: &str, c: &str) {
        self.constants.insert(rust.to_owned(), c.to_owned());
    }

    /// What C calls a constant.
    pub fn constant<'n>(&'n self, rust: &'n str) -> &'n str {
        self.constants.get(rust).map_or(rust, String::as_str)
    }

    /// What C calls a type.
    pub fn ty<'n>(&'n self, rust: &'n str) -> &'n str {
        self.types.get(rust).map_or(rust, String::as_str)
    }

    /// What C calls an enumerator of the enum that C calls `ty`.
    pub fn enumerator(&self, ty: &str, variant: &str) -> String {
        let name = if self.prefixed {
            format!("{ty}_{variant}")
        } else {
            variant.to_owned()
        };
        if self.screaming {
            screaming(&name)
        } else {
            name
        }
    }

    /// Whether an item is Rust's alone.
    pub fn excludes(&self, rust: &str) -> bool {
        self.excluded.contains(rust)
    }
}

/// `sgz_NoRoom`, as `SGZ_NO_ROOM`.
fn screaming(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut text = String::new();
    for (at, letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| letters[at]);
        let begins = letter.is_uppercase()
            && before.is_some_and(|before| {
                before.is_lowercase()
                    || before.is_ascii_digit()
                    || before.is_uppercase()
                        && letters.get(at + 1).is_some_and(|n| n.is_lowercase())
            });
        if begins {
            text.push('_');
        }
        text.extend(letter.to_uppercase());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn enumerators_are_named_as_cbindgen_names_them() {
        let names = Names::parse(
            "[enum]\nrename_variants = \"ScreamingSnakeCase\"\n\
             prefix_with_name = true",
        )
        .unwrap();
        for (variant, c) in [
            ("Ok", "SGZ_STATUS_OK"),
            ("NoRoom", "SGZ_STATUS_NO_ROOM"),
            ("Crc32Bad", "SGZ_STATUS_CRC32_BAD"),
            ("IOError", "SGZ_STATUS_IO_ERROR"),
        ] {
            assert_eq!(names.enumerator("sgz_status", variant), c);
        }
    }

    #[test]
    fn a_rule_that_is_not_known_is_refused() {
        let why = Names::parse("[enum]\nrename_variants = \"CamelCase\"");
        assert!(why.unwrap_err().contains("CamelCase is not understood"));
    }
}
