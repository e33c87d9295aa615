// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which `cfg` holds.

use std::process::Command;
use std::str::FromStr;

use cargo_platform::{Cfg, CfgExpr, Ident};
use quote::ToTokens;
use syn::punctuated::Punctuated;
use syn::{Attribute, Meta, Token};

/// What `cfg` may ask for: names, and names with values.
#[derive(Debug, Clone)]
pub struct Target {
    set: Vec<Cfg>,
}

/// What of a target matters for types and calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Machine {
    /// Bits in a pointer.
    pub pointer_bits: u32,
    /// Bits in a `long`.
    pub long_bits: u32,
    /// Whether Rust's `c_char` has a sign.
    pub char_is_signed: bool,
    /// Whether it is Windows.
    pub windows: bool,
    /// Whose conventions there are.
    pub arch: Arch,
}

/// Processors that have more than one convention.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arch {
    /// 32-bit x86.
    X86,
    /// 64-bit x86.
    X86_64,
    /// Any other.
    Other,
}

impl Target {
    /// What `rustc` says of `triple` (or of this machine); where there is no
    /// `rustc`, what is known of this machine without it.
    pub fn new(triple: Option<&str>) -> Result<Self, String> {
        let mut command = Command::new("rustc");
        command.args(["--print", "cfg"]);
        if let Some(triple) = triple {
            command.args(["--target", triple]);
        }
        let printed = command.output();
        let mut target = Self { set: vec![] };
        target.insert("true");
        match printed {
            Ok(out) if out.status.success() => {
                for line in String::from_utf8_lossy(&out.stdout).lines() {
                    target.insert(line);
                }
            }
            Ok(_) if triple.is_some() => {
                return Err(format!(
                    "rustc knows no target {}",
                    triple.unwrap_or_default()
                ));
            }
            Err(error) if triple.is_some() => {
                return Err(format!("--target needs rustc: {error}"));
            }
            _ => target.builtin(),
        }
        // Debug assertions are no part of an interface.
        target
            .set
            .retain(|one| one.to_string() != "debug_assertions");
        Ok(target)
    }

    fn builtin(&mut self) {
        use std::env::consts;
        self.insert(&format!("target_os=\"{}\"", consts::OS));
        self.insert(&format!("target_arch=\"{}\"", consts::ARCH));
        self.insert(&format!("target_family=\"{}\"", consts::FAMILY));
        self.insert(consts::FAMILY);
        self.insert(&format!("target_pointer_width=\"{}\"", usize::BITS));
        let little = cfg!(target_endian = "little");
        let endian = if little { "little" } else { "big" };
        self.insert(&format!("target_endian=\"{endian}\""));
        if cfg!(target_env = "gnu") {
            self.insert("target_env=\"gnu\"");
        }
    }

    /// Add `name` or `name="value"` (the quotes may be missing).
    pub fn insert(&mut self, option: &str) {
        let ident = |name: &str| Ident {
            name: name.to_owned(),
            raw: false,
        };
        self.set.push(match option.split_once('=') {
            Some((name, value)) => {
                let value = value.trim_matches('"').to_owned();
                Cfg::KeyPair(ident(name), value)
            }
            None => Cfg::Name(ident(option)),
        });
    }

    /// The value of the key `name`, if there is one.
    fn value(&self, name: &str) -> Option<&str> {
        self.set.iter().find_map(|one| match one {
            Cfg::KeyPair(key, value) if key.name == name => Some(&**value),
            _ => None,
        })
    }

    /// The number of bits in a pointer.
    fn pointer_bits(&self) -> u32 {
        let bits = self.value("target_pointer_width");
        bits.and_then(|bits| bits.parse().ok())
            .unwrap_or(usize::BITS)
    }

    /// What matters of it for types and calls.
    pub fn machine(&self) -> Machine {
        // As core::ffi::c_char has it.
        let unsigned = [
            "aarch64",
            "arm",
            "csky",
            "hexagon",
            "msp430",
            "powerpc",
            "powerpc64",
            "riscv32",
            "riscv64",
            "s390x",
            "xtensa",
        ];
        let is = |name, value| self.value(name) == Some(value);
        let windows = is("target_os", "windows");
        let signed_everywhere = windows || is("target_vendor", "apple");
        let arch = |name: &&str| self.value("target_arch") == Some(*name);
        let pointer_bits = self.pointer_bits();
        Machine {
            pointer_bits,
            long_bits: if windows { 32 } else { pointer_bits },
            char_is_signed: signed_everywhere || !unsigned.iter().any(arch),
            windows,
            arch: if arch(&"x86") {
                Arch::X86
            } else if arch(&"x86_64") {
                Arch::X86_64
            } else {
                Arch::Other
            },
        }
    }

    /// Whether what has `attributes` is there, and if not, the `cfg` that it
    /// is behind.
    pub fn admits(&self, attributes: &[Attribute]) -> Result<(), String> {
        for attribute in attributes {
            if !attribute.path().is_ident("cfg") {
                continue;
            }
            let Ok(predicate) = attribute.parse_args::<Meta>() else {
                return Err("a cfg that cannot be read".to_owned());
            };
            if !self.holds(&predicate)? {
                let text = predicate.to_token_stream().to_string();
                return Err(format!("cfg({})", tidy(&text)));
            }
        }
        Ok(())
    }

    /// Whether `predicate` holds; an error says that it cannot be read.
    pub fn holds(&self, predicate: &Meta) -> Result<bool, String> {
        let text = predicate.to_token_stream().to_string();
        match CfgExpr::from_str(&text) {
            Ok(read) => Ok(read.matches(&self.set)),
            Err(_) => {
                Err(format!("a cfg that cannot be read: {}", tidy(&text)))
            }
        }
    }

    /// The attributes of `attributes`, those in a `cfg_attr` that holds
    /// included.
    pub fn attributes(&self, attributes: &[Attribute]) -> Vec<Meta> {
        let mut all = vec![];
        for attribute in attributes {
            if !attribute.path().is_ident("cfg_attr") {
                all.push(attribute.meta.clone());
                continue;
            }
            let parts = attribute.parse_args_with(
                Punctuated::<Meta, Token![,]>::parse_terminated,
            );
            let mut parts = parts.unwrap_or_default().into_iter();
            let first = parts.next().map(|first| self.holds(&first));
            if first == Some(Ok(true)) {
                all.extend(parts);
            }
        }
        all
    }
}

/// Tokens as one would write them.
pub fn tidy(tokens: &str) -> String {
    let mut text = tokens.to_owned();
    for (from, to) in [
        (" (", "("),
        ("( ", "("),
        (" )", ")"),
        (" ,", ","),
        (" :: ", "::"),
        (":: ", "::"),
        (" ::", "::"),
        ("< ", "<"),
        (" <", "<"),
        (" >", ">"),
        ("& ", "&"),
        (" ;", ";"),
        ("* ", "*"),
        ("- >", "->"),
        ("->", " ->"),
        ("  ", " "),
    ] {
        text = text.replace(from, to);
    }
    text
}
