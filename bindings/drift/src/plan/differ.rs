// SPDX-License-Identifier: MIT OR Apache-2.0
//! In what two types differ, and what comes of it, in words.
//!
//! Explanations only: that something differs was the compiler's finding.

use crate::plan::types::{FunctionType, Ty, Types, bare};
use crate::read::header::{CFunctionType, CKind, CType};

/// Where a value crosses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    /// From Rust to C.
    Param,
    /// From C to Rust.
    Result,
    /// In a struct, or in the library's memory.
    Memory,
    /// Where a pointer points to.
    Pointee,
}

/// What differs, and what comes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// `u32 in Rust, size_t in C`
    pub what: String,
    /// What happens.
    pub so: String,
    /// The same bits cross.
    pub letter: bool,
}

/// What comes of an enum without negative values that has a sign in Rust.
pub const ENUM_SIGN: &str =
    "C counts it without a sign; none of its values is below zero";

impl Difference {
    /// Of two types that are not the same, and nobody knows why.
    pub fn unknown(what: String, so: &str) -> Self {
        difference(what, so)
    }
}

const SIGN: &str = "a negative number is read as a large one, or the reverse";

fn difference(what: String, so: impl Into<String>) -> Difference {
    let so = so.into();
    let letter = false;
    Difference { what, so, letter }
}

/// Whether `ty` has a sign, if it is an integer.
fn signed(ty: &Ty) -> Option<bool> {
    match ty {
        Ty::Fixed(_, signed) | Ty::Size(signed) | Ty::C(_, signed) => {
            Some(*signed)
        }
        _ => None,
    }
}

/// One that no bit of what crosses knows of.
fn by_the_letter(what: String, so: &str) -> Difference {
    let letter = true;
    Difference {
        letter,
        ..difference(what, so)
    }
}

impl Types<'_> {
    /// In what `ty`, written `written`, differs from `c`.
    pub fn differ(
        &self,
        ty: &Ty,
        written: &str,
        c: &CType,
        position: Position,
    ) -> Option<Difference> {
        let both = format!("{written} in Rust, {} in C", c.spelled);
        match (ty, &c.kind) {
            (Ty::Pointer { .. } | Ty::Function(..), _) => {
                self.addresses(ty, c, both)
            }
            (
                Ty::Array(element, len),
                CKind::Pointer(_) | CKind::Array(..) | CKind::Flexible(_),
            ) => self.arrays((element, *len), c, both, position),
            (Ty::Wide, _) => Some(difference(
                both,
                "an address and a length are two words: what follows them is \
                 in another place",
            )),
            (_, CKind::Pointer(_) | CKind::Array(..) | CKind::Flexible(_)) => {
                Some(difference(
                    both,
                    "a value in place of an address: one is taken for the \
                     other",
                ))
            }
            (Ty::Bool, CKind::Bool)
            | (Ty::Void, CKind::Void)
            | (Ty::Never, _) => None,
            (Ty::Bool, _) => Some(difference(
                both,
                "a bool that is neither 0 nor 1 is undefined behaviour in \
                 Rust, and C may use any number",
            )),
            (Ty::Void, _) | (_, CKind::Void) => {
                Some(self.nothing(*ty == Ty::Void, both, position))
            }
            _ => self.scalars(ty, c, &both, position),
        }
    }

    /// The same of what is an address in Rust.
    fn addresses(
        &self,
        ty: &Ty,
        c: &CType,
        both: String,
    ) -> Option<Difference> {
        match (ty, &c.kind) {
            (Ty::Pointer { .. }, CKind::Other(_)) => None,
            (Ty::Pointer { mutable, to }, CKind::Pointer(inner)) => {
                let to = match &**to {
                    Ty::Array(element, _) if decayed(to, c) => element,
                    _ => to,
                };
                self.pointers(*mutable, to, inner, &both)
            }
            (Ty::Function(function, _), CKind::Pointer(inner)) => {
                match &inner.kind {
                    CKind::Function(inner) => self.functions(function, inner),
                    _ => Some(difference(
                        both,
                        "a function's address is used as an address of data",
                    )),
                }
            }
            _ => Some(difference(
                both,
                "an address in place of a value: one is taken for the other",
            )),
        }
    }

    /// The same of an array of so many elements.
    fn arrays(
        &self,
        (element, len): (&Ty, u64),
        c: &CType,
        both: String,
        position: Position,
    ) -> Option<Difference> {
        let inner = match &c.kind {
            CKind::Pointer(_) => {
                return Some(difference(
                    both,
                    "an array in place of the address of one: C takes its \
                     first bytes for an address",
                ));
            }
            CKind::Array(_, count) if len != *count => {
                return Some(difference(
                    format!("{both}: {len} and {count} elements"),
                    memory(len < *count),
                ));
            }
            CKind::Flexible(_) if len != 0 => {
                return Some(difference(
                    both,
                    "C's array has no length of its own: in Rust it is an \
                     array of 0",
                ));
            }
            CKind::Array(inner, _) | CKind::Flexible(inner) => inner,
            _ => return None,
        };
        self.differ(element, &short(element), inner, position)
    }

    /// One side has no value there: Rust, or C.
    fn nothing(
        &self,
        in_rust: bool,
        both: String,
        position: Position,
    ) -> Difference {
        if position == Position::Pointee {
            let so = if in_rust {
                "the compiler cannot check what is passed"
            } else {
                "C does not say what is there, and Rust does"
            };
            return by_the_letter(both, so);
        }
        let so = match (in_rust, self.exports) {
            (true, true) => "C reads whatever the register holds",
            (true, false) => "C's result is discarded",
            (false, true) => "Rust's result is discarded",
            (false, false) => {
                "C returns nothing, and Rust reads whatever the register holds"
            }
        };
        difference(both, so)
    }

    fn pointers(
        &self,
        mutable: bool,
        to: &Ty,
        inner: &CType,
        both: &str,
    ) -> Option<Difference> {
        let depth = |kind: &CKind| matches!(kind, CKind::Pointer(_));
        if matches!(to, Ty::Pointer { .. }) != depth(&inner.kind)
            && !matches!(to, Ty::Function(..))
        {
            return Some(difference(
                both.to_owned(),
                "one pointer more on one side: an address is taken for what \
                 lies at it",
            ));
        }
        let found = self.differ(to, "the pointee", inner, Position::Pointee);
        // Something worse may be behind a `const`.
        let told =
            |found: &Difference| mutable != inner.is_const || !found.letter;
        if let Some(found) = found.filter(told) {
            let what = both.to_owned();
            return Some(Difference { what, ..found });
        }
        (mutable == inner.is_const)
            .then(|| by_the_letter(both.to_owned(), self.writable(mutable)))
    }

    /// What comes of a pointer that is `mutable` in Rust, and not in C, or the
    /// reverse.
    fn writable(&self, mutable: bool) -> &'static str {
        match (mutable, self.exports) {
            (true, true) => "Rust may write what C lends for reading alone",
            (true, false) => {
                "Rust may write what C promises not to, or cannot pass what \
                 it holds read-only"
            }
            (false, _) => {
                "C may write through it, and Rust lends it read-only: a \
                 write to what is shared is undefined behaviour"
            }
        }
    }

    fn functions(
        &self,
        function: &FunctionType,
        c: &CFunctionType,
    ) -> Option<Difference> {
        if function.params.len() != c.params.len() {
            return Some(difference(
                format!(
                    "a callback of {} parameters in Rust, of {} in C",
                    function.params.len(),
                    c.params.len()
                ),
                "arguments that C passes are not read, or registers are that \
                 it did not set",
            ));
        }
        if function.variadic != c.variadic {
            return Some(difference(
                "a callback that is variadic on one side".to_owned(),
                "variadic arguments are passed in another way",
            ));
        }
        let mut all = self.parts_of(function, c);
        all.sort_by_key(|found| found.letter);
        let what: Vec<&str> = all.iter().map(|found| &*found.what).collect();
        let what = what.join("; ");
        let worst = all.into_iter().next()?;
        Some(Difference { what, ..worst })
    }

    /// What differs in the parameters and the result of a callback.
    ///
    /// C calls it: what it takes comes from C, and what it returns goes there.
    fn parts_of(
        &self,
        function: &FunctionType,
        c: &CFunctionType,
    ) -> Vec<Difference> {
        let part = |name: String, ty: &Ty, c: &CType, position| {
            let found = self.differ(ty, &short(ty), c, position)?;
            let what = format!("its {name}: {}", found.what);
            Some(Difference { what, ..found })
        };
        let params = function.params.iter().zip(&c.params).enumerate();
        let params = params.filter_map(|(at, (ty, c))| {
            part(format!("parameter {}", at + 1), ty, c, Position::Result)
        });
        let result = &function.result;
        let result =
            part("result".to_owned(), result, &c.result, Position::Param);
        params.chain(result).collect()
    }

    fn scalars(
        &self,
        ty: &Ty,
        c: &CType,
        both: &str,
        position: Position,
    ) -> Option<Difference> {
        let rust = self.size(ty).map(|(size, _)| size);
        if let (Some(rust), Some(size)) = (rust, c.size) {
            if rust != size {
                let what = format!("{both} ({rust} and {size} bytes)");
                let so = if self.exports {
                    widths_of_exports(rust, size, position)
                } else {
                    widths(rust, size, position)
                };
                return Some(difference(what, so));
            }
        }
        if let Some(rust) = signed(ty) {
            if sign(&c.kind).is_some_and(|other| other != rust) {
                let byte = c.size == Some(1);
                return Some(if byte && position == Position::Pointee {
                    let so = "the same bytes, which one side reads with a sign";
                    by_the_letter(both.to_owned(), so)
                } else {
                    difference(both.to_owned(), SIGN)
                });
            }
            if let CKind::Enum(key) = &c.kind {
                return self.enum_sign(rust, key, both);
            }
        }
        self.kinds(ty, c, both, position)
    }

    /// An enum of C's that is an integer in Rust.
    fn enum_sign(
        &self,
        signed: bool,
        key: &str,
        both: &str,
    ) -> Option<Difference> {
        let known = self.header.enums.get(key);
        let negative = known.is_some_and(|found| found.negative);
        let both = both.to_owned();
        match (signed, negative) {
            (true, false) => Some(by_the_letter(both, ENUM_SIGN)),
            (false, true) => Some(difference(both, SIGN)),
            _ => None,
        }
    }

    /// Two that have the same size and sign.
    fn kinds(
        &self,
        ty: &Ty,
        c: &CType,
        both: &str,
        position: Position,
    ) -> Option<Difference> {
        let so = match (ty, &c.kind) {
            (Ty::Float(_), CKind::Float(_))
            | (Ty::Known(_) | Ty::VaList, _) => return None,
            (Ty::Float(_), _) | (_, CKind::Float(_)) => {
                "floating point and integers are passed in different registers"
            }
            (_, CKind::Bool) => {
                "a bool of C's is 0 or 1: another number is undefined \
                 behaviour"
            }
            (Ty::C(name, _), CKind::Int(other, _)) if name != other => {
                let so = "the same here, and not on every target";
                return Some(by_the_letter(both.to_owned(), so));
            }
            // C has no name for it.
            (Ty::Named(name), _) if name == "__va_list_tag" => return None,
            (Ty::Named(name), CKind::Record(key) | CKind::Enum(key)) => {
                if self.is_same(bare(name), key) {
                    return None;
                }
                "the two sides use different types"
            }
            // Known, Named and VaList are above.
            (_, CKind::Record(_)) if position != Position::Pointee => {
                "a number in place of a struct: they travel in the same \
                 register on some targets only"
            }
            _ => return None,
        };
        Some(difference(both.to_owned(), so))
    }

    /// Whether the type that is called `name` in Rust is `key` in the header.
    fn is_same(&self, name: &str, key: &str) -> bool {
        let record = self.header.record(name).map(|(key, _, _)| key);
        let found = self.header.enumeration(name).map(|(key, _, _)| key);
        let pair = self.pairs.get(name).map(|pair| pair.key.as_str());
        // One that the header only names has no entry of its own.
        let tag = key.strip_prefix("struct ").unwrap_or(key);
        record.or(found).or(pair).is_some_and(|ours| ours == key) || tag == name
    }
}

/// A type in a few words.
pub fn short(ty: &Ty) -> String {
    match ty {
        Ty::Void => "void".to_owned(),
        Ty::Never => "!".to_owned(),
        Ty::Bool => "bool".to_owned(),
        Ty::Fixed(bits, signed) => {
            format!("{}{bits}", if *signed { 'i' } else { 'u' })
        }
        Ty::Size(signed) => if *signed { "isize" } else { "usize" }.to_owned(),
        Ty::C(name, _) | Ty::Known(name) => (*name).to_owned(),
        Ty::Float(bits) => format!("f{bits}"),
        Ty::Pointer { mutable, to } => {
            let keyword = if *mutable { "mut" } else { "const" };
            format!("*{keyword} {}", short(to))
        }
        Ty::Array(element, len) => {
            format!("[{}; {len}]", short(element))
        }
        Ty::Function(..) => "a function".to_owned(),
        Ty::Named(name) => name.clone(),
        Ty::VaList => "va_list".to_owned(),
        Ty::Wide => "a pointer of two words".to_owned(),
        Ty::Nothing => "nothing".to_owned(),
    }
}

/// Whether Rust has a pointer to an array where C has a parameter `int a[4]`,
/// which is a pointer to its first element: the same address.
pub fn decayed(to: &Ty, c: &CType) -> bool {
    let Ty::Array(_, len) = to else {
        return false;
    };
    let CKind::Pointer(inner) = &c.kind else {
        return false;
    };
    let Some((_, rest)) = c.spelled.split_once('[') else {
        return false;
    };
    let said = rest.split(']').next().unwrap_or_default();
    let said = said.trim_start_matches("static").trim();
    !matches!(inner.kind, CKind::Array(..))
        && (said.is_empty() || said.parse() == Ok(*len))
}

fn sign(kind: &CKind) -> Option<bool> {
    match kind {
        CKind::Int(_, signed) => Some(*signed),
        _ => None,
    }
}

/// What comes of a part that is too short, or too long, in Rust.
pub fn memory(short: bool) -> &'static str {
    if short {
        "C writes behind the end of what Rust has: what lies there is \
         overwritten"
    } else {
        "Rust reads and writes beyond the end of C's object"
    }
}

/// The same where C calls Rust.
fn widths_of_exports(rust: u64, c: u64, position: Position) -> String {
    match (position, rust < c) {
        (Position::Param, true) => {
            format!("Rust reads {rust} of the {c} bytes that C passes")
        }
        (Position::Param, false) => format!(
            "Rust reads {rust} bytes and C passes {c}: the rest is what the \
             register held"
        ),
        (Position::Result, true) => format!(
            "C reads {c} bytes and Rust gives {rust}: the rest is what the \
             register held"
        ),
        (Position::Result, false) => {
            format!("C reads {c} of {rust} bytes: a larger value is cut off")
        }
        (Position::Pointee, false) => format!(
            "Rust writes {rust} bytes where C has room for {c}: what lies \
             behind is overwritten"
        ),
        (Position::Pointee, true) => format!(
            "Rust writes {rust} of {c} bytes: the rest is not set, and an \
             array is stepped through wrongly"
        ),
        (Position::Memory, _) => widths(rust, c, position),
    }
}

fn widths(rust: u64, c: u64, position: Position) -> String {
    let short = rust < c;
    match (position, short) {
        (Position::Param, true) => format!(
            "Rust passes {rust} bytes and C reads {c}: the rest is what the \
             register held"
        ),
        (Position::Param, false) => {
            format!("C reads {c} of {rust} bytes: a larger value is cut off")
        }
        (Position::Result, true) => {
            format!("Rust reads {rust} of the {c} bytes that C gives")
        }
        (Position::Result, false) => format!(
            "Rust reads {rust} bytes and C gives {c}: the rest is what the \
             register held"
        ),
        (Position::Memory, true) => {
            format!("C reads and writes {c} bytes where Rust has {rust}")
        }
        (Position::Memory, false) => {
            format!("Rust reads and writes {rust} bytes where C has {c}")
        }
        (Position::Pointee, true) => format!(
            "C writes {c} bytes where Rust has room for {rust}: what lies \
             behind is overwritten"
        ),
        (Position::Pointee, false) => format!(
            "C writes {c} of {rust} bytes: the rest is not set, and an array \
             is stepped through wrongly"
        ),
    }
}
