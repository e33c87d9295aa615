// SPDX-License-Identifier: MIT OR Apache-2.0
//! How C writes a type of Rust's.

use std::collections::hash_map::DefaultHasher;
use std::fmt::Write as _;
use std::hash::{Hash, Hasher};

use crate::plan::differ::decayed;
use crate::plan::types::{
    Closeness, FunctionType, Result, Ty, Types, bare, primitive,
};
use crate::read::eval::Value;
use crate::read::header::{CEnum, CFunctionType, CKind, CType, Convention};
use crate::read::items::{Field, Repr, TypeItem};
use crate::target::Arch;

impl Types<'_> {
    fn pointer_text(
        &self,
        mutable: bool,
        to: &Ty,
        kind: Option<&CKind>,
    ) -> Result<String> {
        let hint = match kind {
            Some(CKind::Pointer(to)) => Some(&**to),
            _ => None,
        };
        let any =
            |other| one_is_void(other, hint) || both_are_bytes(other, hint);
        let text = match to {
            Ty::Void
                if self.is_binary() && hint.is_some_and(is_va_tag_of_c) =>
            {
                return Ok("fd_va_list".to_owned());
            }
            other if self.is_binary() && any(other) => {
                hint.map_or("void".to_owned(), |c| c.spelled.clone())
            }
            // It may point to its own kind, without end.
            Ty::Named(name) if self.is_stray(name) => {
                format!("struct {}", bare(name))
            }
            _ => self.c_text(to, hint)?,
        };
        let is_const = match hint {
            Some(hint) if self.is_binary() => hint.is_const,
            _ => !mutable,
        };
        let konst = if is_const { "const " } else { "" };
        // Rust has no volatile: it is not to be compared.
        let volatile = match hint {
            Some(hint) if hint.is_volatile => "volatile ",
            _ => "",
        };
        // Once more in parentheses: `const` is the pointee's, even where that
        // is a pointer.
        Ok(format!("__typeof__({konst}{volatile}__typeof__({text})) *"))
    }

    /// How C writes `ty`, where the header has `hint`: an integer of a fixed
    /// width takes the name that C has for it there, if the width is right.
    pub fn c_text(&self, ty: &Ty, hint: Option<&CType>) -> Result<String> {
        let kind = hint.map(|hint| &hint.kind);
        Ok(match ty {
            // The ABI's own struct has no name that C could say.
            Ty::Array(element, 1) if is_va_tag(element) => {
                "__builtin_va_list".to_owned()
            }
            Ty::Void | Ty::Never => "void".to_owned(),
            Ty::Bool => "_Bool".to_owned(),
            Ty::Fixed(bits, signed) => {
                self.fixed_or_enum_text(*bits, *signed, kind)
            }
            Ty::Size(signed) => {
                fixed_text(self.machine.pointer_bits, *signed, kind)
            }
            Ty::C(name, signed) if self.is_binary() => {
                self.integer_text(name, *signed, kind)
            }
            Ty::C(name, _) | Ty::Known(name) => (*name).to_owned(),
            Ty::Float(32) => "float".to_owned(),
            Ty::Float(_) => "double".to_owned(),
            Ty::VaList => "fd_va_list".to_owned(),
            Ty::Nothing => "struct { }".to_owned(),
            Ty::Wide => "struct fd_wide".to_owned(),
            Ty::Pointer { mutable, to } => {
                self.address_text(*mutable, to, hint)?
            }
            Ty::Array(element, len) => {
                let text = self.c_text(element, hint_of_element(kind))?;
                format!("__typeof__(__typeof__({text})[{len}])")
            }
            Ty::Function(function, _) => {
                let hint = hint_of_function(kind);
                let text = self.function_text(function, hint)?;
                format!("__typeof__({text})")
            }
            Ty::Named(name) => self.named_text(name, kind)?,
        })
    }

    /// How C writes an integer of a fixed width, which may be an enum by what
    /// crosses.
    fn fixed_or_enum_text(
        &self,
        bits: u32,
        signed: bool,
        kind: Option<&CKind>,
    ) -> String {
        let own = fixed_text(bits, signed, kind);
        match kind {
            Some(CKind::Enum(_)) if self.is_binary() => {
                self.integer_text(&own, signed, kind)
            }
            _ => own,
        }
    }

    /// How C writes a pointer, or what it has in the place of one.
    fn address_text(
        &self,
        mutable: bool,
        to: &Ty,
        hint: Option<&CType>,
    ) -> Result<String> {
        let to = match to {
            Ty::Array(element, _)
                if hint.is_some_and(|hint| decayed(to, hint)) =>
            {
                element
            }
            _ => to,
        };
        if !is_va_tag(to) {
            let kind = hint.map(|hint| &hint.kind);
            return self.pointer_text(mutable, to, kind);
        }
        Ok(if mutable {
            "fd_va_list".to_owned()
        } else {
            "const __typeof__(*(fd_va_list)0) *".to_owned()
        })
    }

    /// The enum that C calls `text`, as the type of something.
    pub fn enum_named(&self, text: &str) -> Option<CType> {
        let name = text.rsplit(' ').next()?;
        let (key, _, _) = self.header.enumeration(name)?;
        Some(CType {
            spelled: text.to_owned(),
            ..CType::of(CKind::Enum(key.to_owned()))
        })
    }

    fn is_binary(&self) -> bool {
        self.closeness.get() == Closeness::Binary
    }

    /// An integer of C's, by the name that the header has for one of its width
    /// and sign, or by that of an enum of its width.
    fn integer_text(
        &self,
        name: &str,
        signed: bool,
        hint: Option<&CKind>,
    ) -> String {
        let other = match hint {
            Some(CKind::Int(other, sign)) if *sign == signed => other.clone(),
            Some(CKind::Enum(key)) => {
                match self.header.enums.get(key) {
                    // A value below zero is another one without a sign.
                    Some(found)
                        if !found.negative
                            || signed
                            || self.all_named(found) =>
                    {
                        found.spelled.clone().unwrap_or(name.to_owned())
                    }
                    _ => name.to_owned(),
                }
            }
            _ => name.to_owned(),
        };
        either(&other, name)
    }

    /// Whether Rust has a constant of the same 32 bits for each value below
    /// zero: what it compares with is what C means.
    fn all_named(&self, found: &CEnum) -> bool {
        let all = found.constants.iter().zip(&found.values);
        let mut below = all.filter(|(_, value)| **value < 0);
        below.all(|(decl, value)| {
            let constant = self.all.constants.get(&decl.name);
            let known = constant.map(|constant| {
                let item = &constant.item;
                self.eval.value(&item.value, Some(&item.ty), None)
            });
            matches!(known, Some(Ok(Value::Int(number, _)))
                if (number - value) % (1 << 32) == 0)
        })
    }

    /// What is called, and how, where Rust says `abi`.
    pub fn convention(&self, abi: &str) -> Option<Convention> {
        let abi = abi.strip_suffix("-unwind").unwrap_or(abi);
        let windows = self.machine.windows;
        let (x86, x86_64) = match self.machine.arch {
            Arch::X86 => (true, false),
            Arch::X86_64 => (false, true),
            Arch::Other => (false, false),
        };
        Some(match abi {
            "C" | "cdecl" => Convention::C,
            "system" | "stdcall" if windows && x86 => Convention::StdCall,
            "system" => Convention::C,
            "sysv64" if x86_64 && !windows => Convention::C,
            "win64" if windows => Convention::C,
            "win64" => Convention::Win64,
            "efiapi" if x86_64 && !windows => Convention::Win64,
            "stdcall" if x86 => Convention::StdCall,
            "fastcall" if x86 => Convention::FastCall,
            "aapcs" if !x86 && !x86_64 => Convention::C,
            _ => return None,
        })
    }

    /// How C writes a pointer to the function `function`.
    pub fn function_text(
        &self,
        function: &FunctionType,
        hint: Option<&CFunctionType>,
    ) -> Result<String> {
        let result =
            self.c_text(&function.result, hint.map(|hint| &hint.result))?;
        let mut params = vec![];
        for (at, param) in function.params.iter().enumerate() {
            let hint = hint.and_then(|hint| hint.params.get(at));
            let text = self.c_text(param, hint)?;
            params.push(format!("__typeof__({text})"));
        }
        if function.variadic {
            params.push("...".to_owned());
        } else if params.is_empty() {
            params.push("void".to_owned());
        }
        let params = params.join(", ");
        let convention = self.convention(&function.abi);
        let attribute = convention.map_or("", Convention::attribute);
        Ok(format!("__typeof__({result}) ({attribute}*)({params})"))
    }

    /// Whether a struct or union stands for nothing in C.
    fn is_stray(&self, name: &str) -> bool {
        if let Some((other, name)) = self.within(name) {
            return other.is_stray(name);
        }
        let item = self.all.types.get(name).map(|item| &item.item);
        self.header_text(name).is_none()
            && matches!(item, Some(TypeItem::Struct(..) | TypeItem::Union(..)))
    }

    fn named_text(&self, name: &str, hint: Option<&CKind>) -> Result<String> {
        if let Some((other, inner)) = self.within(name) {
            self.foreign.borrow_mut().insert(name.to_owned());
            return other.named_text(inner, hint);
        }
        if let Some(text) = self.header_text(name) {
            return Ok(text);
        }
        let Some(item) = self.all.types.get(name) else {
            return Err(format!("{name} is not declared in these files"));
        };
        match &item.item {
            TypeItem::Struct(repr, fields) if repr.transparent => {
                match self.real_fields(fields).as_slice() {
                    [(_, Ok(ty))] => {
                        let hint = hint.cloned().map(CType::of);
                        self.c_text(ty, hint.as_ref())
                    }
                    _ => Err(format!("{name} is not one field")),
                }
            }
            TypeItem::Enum(repr, _) => self.enum_text(name, repr, hint),
            other if self.is_opaque(other) => Ok(format!("struct {name}")),
            TypeItem::Struct(repr, fields) => {
                self.mirror(repr, fields, false, &[])
            }
            TypeItem::Union(repr, fields) => {
                self.mirror(repr, fields, true, &[])
            }
            _ => Err(format!("{name} is no type of C")),
        }
    }

    /// What the header calls the type that is called `name` in Rust.
    fn header_text(&self, name: &str) -> Option<String> {
        if let Some((_, _, text)) = self.header.record(name) {
            return Some(text);
        }
        if let Some((_, _, text)) = self.header.enumeration(name) {
            return Some(text);
        }
        if self.header.typedefs.contains_key(name) {
            return Some(name.to_owned());
        }
        self.pairs.get(name).map(|pair| pair.text.clone())
    }

    /// How C writes an enum of Rust's that the header does not have.
    fn enum_text(
        &self,
        name: &str,
        repr: &Repr,
        hint: Option<&CKind>,
    ) -> Result<String> {
        match &repr.int {
            Some(int) => match primitive(int) {
                Some(ty) => self.c_text(&ty, None),
                None => Err(format!("{name} is a Rust enum")),
            },
            None if repr.c => Ok(self.repr_c_text(hint)),
            None => Ok(format!("struct {name}")),
        }
    }

    /// An enum with `repr(C)`: C's own, by what crosses.
    fn repr_c_text(&self, hint: Option<&CKind>) -> String {
        if self.is_binary() {
            self.integer_text("int", true, hint)
        } else {
            "unsigned int".to_owned()
        }
    }

    /// Define in C what Rust declares, field by field, and say what it is
    /// called. Its fields are called as in Rust, with `r_` before.
    pub fn mirror(
        &self,
        repr: &Repr,
        fields: &[Field],
        is_union: bool,
        hints: &[Option<&CType>],
    ) -> Result<String> {
        let mut body = String::new();
        for (at, (field, ty)) in
            self.real_fields(fields).into_iter().enumerate()
        {
            let ty = ty.map_err(|why| format!("{}: {why}", field.name))?;
            let hint = hints.get(at).copied().flatten();
            let text = self.c_text(&ty, hint)?;
            let _ = write!(body, "__typeof__({text}) r_{}; ", field.name);
        }
        let attributes = repr.align.map_or(String::new(), |align| {
            format!(" __attribute__((aligned({align})))")
        });
        let keyword = if is_union { "union" } else { "struct" };
        let (before, after) = match repr.packed {
            Some(bytes) => (
                format!("_Pragma(\"pack(push, {bytes})\") "),
                " _Pragma(\"pack(pop)\")",
            ),
            None => (String::new(), ""),
        };
        let mut hasher = DefaultHasher::new();
        (keyword, &body, &attributes, &before).hash(&mut hasher);
        let name = format!("{keyword} fd_{:016x}", hasher.finish());
        let line = format!("{before}{name} {{ {body}}}{attributes};{after}");
        self.define(&body, line);
        Ok(name)
    }

    /// Have `line` in C, behind the definitions of what `body` names.
    fn define(&self, body: &str, line: String) {
        let mut all = self.definitions.borrow_mut();
        let needed = all.iter().filter(|(_, other)| {
            let at = other.find("fd_");
            let name = at.and_then(|at| other.get(at..at + 19));
            name.is_some_and(|name| body.contains(name))
        });
        let turn = needed.map(|(turn, _)| *turn).max().unwrap_or(0);
        all.insert((turn + 1, line));
    }
}

fn is_va_tag(ty: &Ty) -> bool {
    matches!(ty, Ty::Named(name) if name == "__va_list_tag")
}

/// What a `va_list` points to where it is an array.
pub(super) fn is_va_tag_of_c(ty: &CType) -> bool {
    matches!(&ty.kind, CKind::Record(key) if key.ends_with("__va_list_tag"))
}

fn fixed_text(bits: u32, signed: bool, hint: Option<&CKind>) -> String {
    let sign = if signed { "" } else { "u" };
    let own = match bits {
        128 if signed => "__int128".to_owned(),
        128 => "unsigned __int128".to_owned(),
        bits => format!("{sign}int{bits}_t"),
    };
    match hint {
        Some(CKind::Int(name, sign)) if *sign == signed => either(name, &own),
        _ => own,
    }
}

/// Whether one side says what lies at an address, and the other does not.
fn one_is_void(to: &Ty, hint: Option<&CType>) -> bool {
    let Some(hint) = hint else {
        return false;
    };
    let pointer = matches!(to, Ty::Pointer { .. } | Ty::Function(..))
        || matches!(hint.kind, CKind::Pointer(_) | CKind::Function(_));
    !pointer && (*to == Ty::Void) != matches!(hint.kind, CKind::Void)
}

/// Whether both say that there are bytes, and one of them that they are text:
/// `u8` and `char`.
fn both_are_bytes(to: &Ty, hint: Option<&CType>) -> bool {
    let ours = matches!(
        to,
        Ty::Fixed(8, _) | Ty::C("char" | "signed char" | "unsigned char", _)
    );
    let theirs = hint.is_some_and(|hint| {
        matches!(&hint.kind, CKind::Int(name, _)
            if matches!(&**name, "char" | "signed char" | "unsigned char"))
    });
    ours && theirs
}

/// The integer type `name` if it is as wide as `own`, and else that.
fn either(name: &str, own: &str) -> String {
    if name == own {
        return own.to_owned();
    }
    format!(
        "__typeof__(__builtin_choose_expr(sizeof({name}) == sizeof({own}), \
         ({name})0, ({own})0))"
    )
}

fn hint_of_element(hint: Option<&CKind>) -> Option<&CType> {
    match hint {
        Some(CKind::Array(to, _) | CKind::Flexible(to)) => Some(to),
        _ => None,
    }
}

fn hint_of_function(hint: Option<&CKind>) -> Option<&CFunctionType> {
    match hint {
        Some(CKind::Pointer(to)) => match &to.kind {
            CKind::Function(function) => Some(function),
            _ => None,
        },
        _ => None,
    }
}
