// SPDX-License-Identifier: MIT OR Apache-2.0
//! Every way in which a binding can drift, applied to every place where it
//! can be, one at a time.
//!
//! A mutant is a source file with one edit. Those that mean the same as the
//! original have a reason, and are expected to be found clean.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use ferrule_drift::read::rust::foreign_items;
use ferrule_drift::read::source::File;
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{Expr, ForeignItem, ImplItem, Item, Type};

/// A source file with one edit.
#[derive(Debug, Clone)]
pub struct Mutant {
    /// Which kind of drift.
    pub kind: &'static str,
    /// What the check has to name.
    pub item: String,
    /// The file.
    pub path: PathBuf,
    /// What it says now.
    pub text: String,
    /// What was edited.
    pub edit: String,
    /// Why it means the same.
    pub equivalent: Option<&'static str>,
}

/// Why two parameters of these types can change places.
fn interchangeable(a: &syn::Type, b: &syn::Type) -> Option<&'static str> {
    let is = |ty: &syn::Type, name| matches!(ty, syn::Type::Path(path) if path.path.is_ident(name));
    let one_width = cfg!(target_pointer_width = "64")
        && (is(a, "u64") && is(b, "usize") || is(a, "usize") && is(b, "u64"));
    if same(a, b) {
        Some(SAME_TYPES)
    } else {
        one_width.then_some(ONE_WIDTH)
    }
}

/// All mutants of `files`.
pub fn mutants(files: &[Rc<File>]) -> Vec<Mutant> {
    let mut all = Mutants {
        file: None,
        found: vec![],
    };
    for file in files {
        all.file = Some(Rc::clone(file));
        for item in file.items.iter() {
            all.item(item);
        }
    }
    all.found
}

struct Mutants {
    file: Option<Rc<File>>,
    found: Vec<Mutant>,
}

/// Opaque types that are no type of the header's own.
const SKIPPED: &[&str] = &["__va_list_tag"];

const SAME_TYPES: &str = "both have one type: only their names change places";
const ONE_WIDTH: &str = "size_t and uint64_t are one type of C on this target";
const IN_A_UNION: &str = "all fields of a union lie at its start";
const A_LITERAL: &str =
    "C's literal is an int, and any integer that holds it will do";
const UNWINDING: &str =
    "\"C\" and \"C-unwind\" are one convention: they differ in panics alone";
const WIDER_CONSTANT: &str =
    "a constant has no layout: a wider one is the same number";

impl Mutants {
    fn add(
        &mut self,
        kind: &'static str,
        item: &str,
        edits: &[(Range<usize>, &str)],
        equivalent: Option<&'static str>,
    ) {
        let Some(file) = &self.file else {
            return;
        };
        let mut text = file.text.to_string();
        let mut edits = edits.to_vec();
        edits.sort_by_key(|(range, _)| range.start);
        let mut words = vec![];
        for (range, new) in edits.iter().rev() {
            words.push(format!("`{}` -> `{new}`", &file.text[range.clone()]));
            text.replace_range(range.clone(), new);
        }
        words.reverse();
        self.found.push(Mutant {
            kind,
            item: item.to_owned(),
            path: file.path.clone(),
            text,
            edit: words.join(", "),
            equivalent,
        });
    }

    fn text(&self, node: &impl Spanned) -> String {
        let range = node.span().byte_range();
        self.file.as_ref().map_or(String::new(), |file| {
            file.text.get(range).unwrap_or("").to_owned()
        })
    }

    fn item(&mut self, item: &Item) {
        match item {
            Item::ForeignMod(block) => self.foreign(block),
            Item::Const(item) => self.constant(item),
            Item::Struct(item) => self.structure(item),
            Item::Union(item) => self.union_(item),
            Item::Impl(item) => self.implementation(item),
            Item::Fn(item) => self.function_with_body(item),
            _ => {}
        }
    }

    // --- Functions and variables -------------------------------------------

    fn foreign(&mut self, block: &syn::ItemForeignMod) {
        let items = foreign_items(block);
        let first = items.iter().find_map(|item| match item {
            ForeignItem::Fn(f) => Some(f.sig.ident.to_string()),
            _ => None,
        });
        if let (Some(first), Some(abi)) = (first, &block.abi.name) {
            let at = range(abi);
            let add = [(at.clone(), "\"win64\"")];
            self.add("ABI of another kind", &first, &add, None);
            let add = [(at.clone(), "\"Rust\"")];
            self.add("ABI of Rust", &first, &add, None);
            let add = [(at, "\"C-unwind\"")];
            self.add("ABI that unwinds", &first, &add, Some(UNWINDING));
        }
        let end = range(block).end - 1;
        self.add(
            "extra function",
            "sgz_reader_rewind",
            &[(end..end, "pub fn sgz_reader_rewind(fd: i32) -> i32;\n")],
            None,
        );
        self.add(
            "extra variable",
            "sgz_reader_count",
            &[(end..end, "pub static sgz_reader_count: u32;\n")],
            None,
        );
        for item in &items {
            match item {
                ForeignItem::Fn(f) => self.function(f),
                ForeignItem::Static(s) => self.variable(s),
                _ => {}
            }
        }
    }

    fn function(&mut self, f: &syn::ForeignItemFn) {
        let name = f.sig.ident.to_string();
        self.add("missing function", &name, &[(range(f), "")], None);
        let start = range(&f.vis).start;
        let other = if name == "sgz_free" {
            "#[link_name = \"sgz_alloc\"] "
        } else {
            "#[link_name = \"sgz_free\"] "
        };
        self.add("wrong link name", &name, &[(start..start, other)], None);
        self.add(
            "link name of nothing",
            &name,
            &[(start..start, "#[link_name = \"sgz_nothing\"] ")],
            None,
        );
        self.signature(&f.sig, &name);
    }

    fn function_with_body(&mut self, f: &syn::ItemFn) {
        let name = f.sig.ident.to_string();
        if f.sig.abi.is_some() {
            self.signature(&f.sig, &name);
            return;
        }
        // What is left of a macro: the computation in it.
        let syn::Stmt::Expr(expr, None) = &f.block.stmts[0] else {
            return;
        };
        self.numbers(expr, &name, "macro that computes otherwise");
        self.operators(expr, &name, "macro that computes otherwise");
    }

    fn signature(&mut self, sig: &syn::Signature, name: &str) {
        let close = sig.paren_token.span.close().byte_range();
        let comma = if sig.inputs.is_empty() || sig.inputs.trailing_punct() {
            ""
        } else {
            ", "
        };
        if sig.variadic.is_none() {
            let new = format!("{comma}extra: i32");
            let at = close.start..close.start;
            self.add("extra parameter", name, &[(at, &new)], None);
        }
        let foreign = sig.abi.is_none();
        match &sig.variadic {
            Some(dots) => {
                self.add("lost variadic", name, &[(range(dots), "")], None);
            }
            None if foreign && !sig.inputs.is_empty() => {
                let new = format!("{comma}...");
                let at = close.start..close.start;
                self.add("gained variadic", name, &[(at, &new)], None);
            }
            None => {}
        }
        let inputs: Vec<&syn::PatType> = sig
            .inputs
            .iter()
            .filter_map(|input| match input {
                syn::FnArg::Typed(input) => Some(input),
                syn::FnArg::Receiver(_) => None,
            })
            .collect();
        for (at, input) in inputs.iter().enumerate() {
            let this = range(*input);
            let gone = match inputs.get(at + 1) {
                Some(next) => this.start..range(*next).start,
                None => match at.checked_sub(1) {
                    Some(before) if sig.variadic.is_none() => {
                        range(inputs[before]).end..this.end
                    }
                    _ => this.start..self.comma(this.end),
                },
            };
            if sig.variadic.is_none() || at + 1 < inputs.len() {
                self.add("dropped parameter", name, &[(gone, "")], None);
            }
            if let Some(next) = inputs.get(at + 1) {
                let (a, b) = (self.text(*input), self.text(*next));
                let same = interchangeable(&input.ty, &next.ty);
                self.add(
                    "swapped parameters",
                    name,
                    &[(this, &b), (range(*next), &a)],
                    same,
                );
            }
            self.ty(&input.ty, name, "parameter", false);
        }
        match &sig.output {
            syn::ReturnType::Type(_, ty) => {
                let whole = range(&sig.output);
                self.add("lost result", name, &[(whole.clone(), "")], None);
                let never = [(whole, "-> !")];
                self.add("result that never comes", name, &never, None);
                self.ty(ty, name, "result", false);
            }
            syn::ReturnType::Default => {
                let end = close.end;
                let gained = [(end..end, " -> i32")];
                self.add("gained result", name, &gained, None);
            }
        }
    }

    fn variable(&mut self, s: &syn::ForeignItemStatic) {
        let name = s.ident.to_string();
        self.add("missing variable", &name, &[(range(s), "")], None);
        let at = range(&s.ident).start;
        let mutable = [(at..at, "mut ")];
        self.add("static that may be written", &name, &mutable, None);
        let at = range(&s.vis).start;
        let linked = [(at..at, "#[link_name = \"sgz_nothing\"] ")];
        self.add("link name of nothing", &name, &linked, None);
        self.ty(&s.ty, &name, "variable", false);
    }

    // --- Types --------------------------------------------------------------

    /// Everything that can be wrong about a type, in `place`.
    fn ty(
        &mut self,
        ty: &Type,
        item: &str,
        place: &'static str,
        flexible: bool,
    ) {
        let at = range(ty);
        let text = self.text(ty);
        match ty {
            Type::Path(path) => {
                let Some(last) = path.path.segments.last() else {
                    return;
                };
                if last.ident == "Option" {
                    self.callback(last, &at, item);
                    return;
                }
                self.leaf(&last.ident.to_string(), &at, item, place);
            }
            Type::Ptr(pointer) => {
                let inner = self.text(&*pointer.elem);
                let (kind, keyword) = if pointer.mutability.is_some() {
                    ("const where C writes", "const")
                } else {
                    ("mut where C only reads", "mut")
                };
                let new = format!("*{keyword} {inner}");
                self.add(kind, item, &[(at.clone(), &new)], None);
                let new = format!("*mut {text}");
                self.add("pointer too many", item, &[(at.clone(), &new)], None);
                if inner == "c_void" {
                    let new = text.replace("c_void", "u8");
                    let bytes = [(at.clone(), new.as_str())];
                    self.add("pointer to bytes", item, &bytes, None);
                } else {
                    let less = [(at.clone(), inner.as_str())];
                    self.add("pointer too few", item, &less, None);
                    let keyword = if pointer.mutability.is_some() {
                        "mut"
                    } else {
                        "const"
                    };
                    let new = format!("*{keyword} core::ffi::c_void");
                    let void = [(at.clone(), new.as_str())];
                    self.add("pointer to anything", item, &void, None);
                }
                if !matches!(&*pointer.elem, Type::Path(p)
                    if SKIPPED.iter().any(|s| p.path.is_ident(s)))
                {
                    self.ty(&pointer.elem, item, place, false);
                }
            }
            Type::Array(array) => {
                let len = range(&array.len);
                let one = format!("{} + 1", self.text(&array.len));
                let kind = if flexible {
                    "flexible array with a length"
                } else {
                    "wrong array length"
                };
                self.add(kind, item, &[(len, &one)], None);
                self.ty(&array.elem, item, place, false);
            }
            _ => {}
        }
    }

    fn leaf(
        &mut self,
        name: &str,
        at: &Range<usize>,
        item: &str,
        place: &'static str,
    ) {
        let integers: &[(&str, &str, &str, &str)] = &[
            ("u8", "", "u16", "i8"),
            ("u16", "u8", "u32", "i16"),
            ("u32", "u16", "u64", "i32"),
            ("i32", "i16", "i64", "u32"),
            ("u64", "u32", "u128", "i64"),
            ("i64", "i32", "i128", "u64"),
            ("usize", "u32", "u128", "isize"),
            ("c_int", "i16", "i64", "u32"),
            ("c_uint", "u16", "u64", "i32"),
            ("c_uchar", "", "u16", "i8"),
            ("c_char", "", "i16", "u8"),
        ];
        let kinds = match place {
            "parameter" => [
                "parameter too narrow",
                "parameter too wide",
                "sign of a parameter",
            ],
            "result" => {
                ["result too narrow", "result too wide", "sign of the result"]
            }
            "variable" => [
                "variable too narrow",
                "variable too wide",
                "sign of a variable",
            ],
            "field" => {
                ["field too narrow", "field too wide", "sign of a field"]
            }
            "callback" => [
                "callback too narrow",
                "callback too wide",
                "sign in a callback",
            ],
            _ => return,
        };
        let row = integers.iter().find(|row| row.0 == name);
        if let Some((_, narrow, wide, sign)) = row {
            for (kind, new) in kinds.into_iter().zip([narrow, wide, sign]) {
                if !new.is_empty() {
                    self.add(kind, item, &[(at.clone(), new)], None);
                }
            }
            if name == "c_int" {
                let new = [(at.clone(), "bool")];
                self.add("bool for int", item, &new, None);
                let new = [(at.clone(), "f32")];
                self.add("float for int", item, &new, None);
            }
        }
        let others = [
            ("bool", "core::ffi::c_int", "int for bool"),
            ("sgz_reader", "crate::writer::sgz_writer", "another handle"),
            ("sgz_writer", "crate::reader::sgz_reader", "another handle"),
            ("sgz_index", "crate::reader::sgz_reader", "another handle"),
            ("sgz_error", "crate::memory::sgz_buffer", "another struct"),
            ("sgz_options", "crate::memory::sgz_buffer", "another struct"),
            ("sgz_buffer", "crate::error::sgz_error", "another struct"),
            ("sgz_header", "crate::error::sgz_error", "another struct"),
            ("sgz_event", "crate::error::sgz_error", "another struct"),
            ("sgz_status", "crate::options::sgz_format", "another enum"),
            ("sgz_format", "crate::error::sgz_status", "another enum"),
            (
                "sgz_log_level",
                "crate::options::sgz_format",
                "another enum",
            ),
            (
                "sgz_event_kind",
                "crate::options::sgz_format",
                "another enum",
            ),
            ("sgz_prefix", "[u8; 10]", "bytes for a struct"),
        ];
        for (_, new, kind) in others.iter().filter(|row| row.0 == name) {
            self.add(kind, item, &[(at.clone(), new)], None);
        }
    }

    /// `Option<unsafe extern "C" fn(...)>`
    fn callback(
        &mut self,
        option: &syn::PathSegment,
        at: &Range<usize>,
        item: &str,
    ) {
        let syn::PathArguments::AngleBracketed(arguments) = &option.arguments
        else {
            return;
        };
        let Some(syn::GenericArgument::Type(Type::BareFn(function))) =
            arguments.args.first()
        else {
            return;
        };
        let bare = self.text(function);
        self.add("Option missing", item, &[(at.clone(), &bare)], None);
        if let Some(abi) = function.abi.as_ref().and_then(|a| a.name.as_ref()) {
            let new = [(range(abi), "\"win64\"")];
            self.add("ABI of a callback", item, &new, None);
        }
        let close = function.paren_token.span.close().byte_range().start;
        let comma = if function.inputs.trailing_punct() {
            ""
        } else {
            ", "
        };
        let new = format!("{comma}extra: i32");
        let extra = [(close..close, new.as_str())];
        self.add("callback with a parameter more", item, &extra, None);
        let inputs: Vec<_> = function.inputs.iter().collect();
        for (index, input) in inputs.iter().enumerate() {
            let this = range(*input);
            let gone = match inputs.get(index + 1) {
                Some(next) => this.start..range(*next).start,
                None => this.start..self.comma(this.end),
            };
            self.add(
                "callback with a parameter less",
                item,
                &[(gone, "")],
                None,
            );
            if let Some(next) = inputs.get(index + 1) {
                let (a, b) = (self.text(*input), self.text(*next));
                let same = interchangeable(&input.ty, &next.ty);
                self.add(
                    "callback with parameters swapped",
                    item,
                    &[(this, &b), (range(*next), &a)],
                    same,
                );
            }
            self.ty(&input.ty, item, "callback", false);
        }
        match &function.output {
            syn::ReturnType::Type(_, ty) => {
                let gone = [(range(&function.output), "")];
                self.add("callback without its result", item, &gone, None);
                self.ty(ty, item, "callback", false);
            }
            syn::ReturnType::Default => {
                let end = close + 1;
                let gained = [(end..end, " -> i32")];
                self.add("callback with a result", item, &gained, None);
            }
        }
    }

    fn structure(&mut self, item: &syn::ItemStruct) {
        let name = item.ident.to_string();
        if SKIPPED.contains(&name.as_str()) {
            return;
        }
        if let syn::Fields::Unnamed(fields) = &item.fields {
            self.newtype(item, &name, fields);
            return;
        }
        self.repr(&item.attrs, &name);
        let public = item
            .fields
            .iter()
            .any(|f| !matches!(f.vis, syn::Visibility::Inherited));
        if public {
            let at = range(&item.struct_token);
            let union = [(at, "union")];
            self.add("union for a struct", &name, &union, None);
        } else {
            let syn::Fields::Named(fields) = &item.fields else {
                return;
            };
            let end = fields.brace_token.span.close().byte_range().start;
            let new = [(end..end, "pub novel: u32,\n")];
            self.add("fields of a handle", &name, &new, None);
            return;
        }
        self.fields(&item.fields, &name, false);
    }

    fn union_(&mut self, item: &syn::ItemUnion) {
        let name = item.ident.to_string();
        self.repr(&item.attrs, &name);
        let at = range(&item.union_token);
        self.add("struct for a union", &name, &[(at, "struct")], None);
        let fields = syn::Fields::Named(item.fields.clone());
        self.fields(&fields, &name, true);
    }

    fn repr(&mut self, attributes: &[syn::Attribute], name: &str) {
        let repr = attributes.iter().find(|a| a.path().is_ident("repr"));
        let Some(repr) = repr else {
            return;
        };
        let at = range(repr);
        self.add("missing repr(C)", name, &[(at.clone(), "")], None);
        let packed = self.text(repr).contains("packed");
        let (kind, new) = if packed {
            ("missing packed", "#[repr(C)]")
        } else {
            ("packed too much", "#[repr(C, packed)]")
        };
        let handle = matches!(
            name,
            "sgz_reader"
                | "sgz_writer"
                | "sgz_index"
                | "sgz_codec"
                | "sgz_pool"
                | "sgz_block"
                | "sgz_job"
        );
        if !handle {
            self.add(kind, name, &[(at.clone(), new)], None);
            if !packed {
                let new = [(at, "#[repr(C, align(64))]")];
                self.add("aligned too much", name, &new, None);
            }
        }
    }

    fn fields(&mut self, fields: &syn::Fields, owner: &str, is_union: bool) {
        let all: Vec<&syn::Field> = fields.iter().collect();
        for (at, field) in all.iter().enumerate() {
            let Some(ident) = &field.ident else {
                continue;
            };
            let item = format!("{owner}.{ident}");
            let item = if ident == "flags" && owner == "sgz_options" {
                // The bits that lie in it are what suffers.
                owner.to_owned()
            } else {
                item
            };
            let this = range(*field);
            let after = self.comma(this.end);
            let whole = this.start..after;
            self.add("missing field", &item, &[(whole, "")], None);
            let new = "pub novel: u32,\n";
            let start = this.start;
            self.add(
                "extra field",
                &format!("{owner}.novel"),
                &[(start..start, new)],
                None,
            );
            if at + 1 == all.len() {
                let new = [(after..after, "\npub novel: u8,")];
                self.add(
                    "extra field at the end",
                    &format!("{owner}.novel"),
                    &new,
                    None,
                );
            }
            if let Some(next) = all.get(at + 1) {
                let (a, b) = (self.text(*field), self.text(*next));
                self.add(
                    "fields in another order",
                    owner,
                    &[(this, &b), (range(*next), &a)],
                    is_union.then_some(IN_A_UNION),
                );
            }
            let flexible = owner == "sgz_subfield" && ident == "data";
            self.ty(&field.ty, &item, "field", flexible);
        }
    }

    /// Behind the comma at `at`, if there is one.
    fn comma(&self, at: usize) -> usize {
        let text = self.file.as_ref().map_or("", |file| &file.text[at..]);
        at + usize::from(text.starts_with(','))
    }

    fn newtype(
        &mut self,
        item: &syn::ItemStruct,
        name: &str,
        fields: &syn::FieldsUnnamed,
    ) {
        for attribute in &item.attrs {
            if attribute.path().is_ident("repr") {
                let gone = [(range(attribute), "")];
                self.add("enum without repr", name, &gone, None);
            }
        }
        let Some(field) = fields.unnamed.first() else {
            return;
        };
        let at = range(&field.ty);
        let text = self.text(&field.ty);
        for new in ["i8", "i16", "i64"] {
            self.add("enum of another width", name, &[(at.clone(), new)], None);
        }
        let other = if text == "c_int" { "u32" } else { "i32" };
        self.add("enum of another sign", name, &[(at, other)], None);
    }

    // --- Constants ----------------------------------------------------------

    fn constant(&mut self, item: &syn::ItemConst) {
        let name = item.ident.to_string();
        self.add("missing constant", &name, &[(range(item), "")], None);
        let end = range(item).end;
        let new = "\npub const SGZ_BLOCK_LEAST: u32 = 1;";
        self.add(
            "extra constant",
            "SGZ_BLOCK_LEAST",
            &[(end..end, new)],
            None,
        );
        let ty = self.text(&*item.ty);
        let at = range(&*item.ty);
        let value = range(&*item.expr);
        let text = self.text(&*item.expr);
        if let Expr::Struct(literal) = &*item.expr {
            for field in &literal.fields {
                let kind = "initialiser of another value";
                self.initial(&field.expr, &name, kind);
            }
            return;
        }
        if let Expr::Lit(literal) = &*item.expr {
            if let syn::Lit::CStr(_) = &literal.lit {
                let new = text.replace("0.1", "0.2");
                let other = [(value.clone(), new.as_str())];
                self.add("another text", &name, &other, None);
                let new = text.replace(".0\"", "\"");
                let other = [(value, new.as_str())];
                self.add("text too short", &name, &other, None);
                return;
            }
        }
        let (other, wide) = match ty.as_str() {
            "u32" => ("i32", "u64"),
            "i32" => ("u32", "i64"),
            "u64" => ("i64", "u128"),
            _ => return,
        };
        let plus = match text.as_str() {
            "u32::MAX" | "u64::MAX" => format!("{text} - 1"),
            _ => format!("({text}) + 1"),
        };
        self.add("another value", &name, &[(value.clone(), &plus)], None);
        let typed = matches!(name.as_str(), "SGZ_EVENT_ALL" | "SGZ_UNKNOWN");
        if text.contains("MAX") && text.contains("::") {
            // The same bytes, with a sign.
            let edits = [(at.clone(), other), (value.clone(), "-1")];
            self.add("sign of a constant", &name, &edits, None);
        } else if text == "-1" {
            let edits = [(at.clone(), other), (value, "u32::MAX")];
            self.add("sign of a constant", &name, &edits, None);
        } else {
            let why = (!typed).then_some(A_LITERAL);
            let edits = [(at.clone(), other)];
            self.add("sign of a constant", &name, &edits, why);
        }
        let edits = [(at.clone(), wide)];
        let why = if typed { WIDER_CONSTANT } else { A_LITERAL };
        self.add("constant too wide", &name, &edits, Some(why));
    }

    /// One value in a struct's literal.
    fn initial(&mut self, expr: &Expr, name: &str, kind: &'static str) {
        let text = self.text(expr);
        let new = match text.as_str() {
            "ptr::null()" | "ptr::null_mut()" => return,
            text if text.starts_with('[') => return,
            text if text.contains("size_of") => "0".to_owned(),
            text if text.contains("FORMAT_BGZF") => {
                text.replace("FORMAT_BGZF", "FORMAT_GZIP")
            }
            "sgz_status::SGZ_OK" => "sgz_status::SGZ_E_IO".to_owned(),
            text => format!("({text}) + 1"),
        };
        self.add(kind, name, &[(range(expr), &new)], None);
    }

    fn implementation(&mut self, block: &syn::ItemImpl) {
        let Type::Path(path) = &*block.self_ty else {
            return;
        };
        let owner = path.path.to_token_stream().to_string();
        let constants: Vec<&syn::ImplItemConst> = block
            .items
            .iter()
            .filter_map(|item| match item {
                ImplItem::Const(constant) => Some(constant),
                _ => None,
            })
            .collect();
        if owner == "sgz_options" {
            self.bits(block, &constants, &owner);
            return;
        }
        for (at, constant) in constants.iter().enumerate() {
            let name = constant.ident.to_string();
            let gone = [(range(*constant), "")];
            self.add("missing enumerator", &name, &gone, None);
            let value = range(&constant.expr);
            let inner = self.text(&constant.expr);
            let inner = inner.trim_start_matches("Self");
            let new = format!("Self({inner} + 100)");
            let other = [(value.clone(), new.as_str())];
            self.add("enumerator of another value", &name, &other, None);
            if let Some(next) = constants.get(at + 1) {
                let (a, b) = (self.text(&constant.expr), self.text(&next.expr));
                let swap = [(value, b.as_str()), (range(&next.expr), &a)];
                self.add("enumerators swapped", &name, &swap, None);
            }
        }
        let end = range(block).end - 1;
        let new = [(end..end, "pub const SGZ_E_NOVEL: Self = Self(77);\n")];
        let item = format!("{owner}::SGZ_E_NOVEL");
        self.add("extra enumerator", &item, &new, None);
    }

    fn bits(
        &mut self,
        block: &syn::ItemImpl,
        constants: &[&syn::ImplItemConst],
        owner: &str,
    ) {
        for constant in constants {
            let name = constant.ident.to_string();
            let value = range(&constant.expr);
            let text = self.text(&constant.expr);
            let field = name
                .trim_end_matches("_SHIFT")
                .trim_end_matches("_MASK")
                .to_lowercase();
            let item = format!("{owner}.{field}");
            if name.ends_with("_SHIFT") {
                let new = format!("{text} + 1");
                let moved = [(value, new.as_str())];
                self.add("bitfield elsewhere", &item, &moved, None);
            } else {
                let new = format!("({text}) | ({text}) << 1");
                let wide = [(value.clone(), new.as_str())];
                let top = field == "reserved";
                if !top {
                    self.add("bitfield too wide", &item, &wide, None);
                }
                let new = format!("({text}) & ({text}) << 1");
                let narrow = [(value, new.as_str())];
                self.add("bitfield too narrow", &item, &narrow, None);
            }
        }
        let shifts: Vec<_> = constants
            .iter()
            .filter(|c| c.ident.to_string().ends_with("_SHIFT"))
            .collect();
        for pair in shifts.windows(2) {
            let (a, b) = (self.text(&pair[0].expr), self.text(&pair[1].expr));
            let field = pair[1].ident.to_string();
            let field = field.trim_end_matches("_SHIFT").to_lowercase();
            self.add(
                "bitfields in another order",
                &format!("{owner}.{field}"),
                &[(range(&pair[0].expr), &b), (range(&pair[1].expr), &a)],
                None,
            );
        }
        // The accessors: `bitfield!(get, set, SHIFT, MASK, "text")`.
        for item in &block.items {
            let ImplItem::Macro(call) = item else {
                continue;
            };
            let tokens: Vec<_> = call.mac.tokens.clone().into_iter().collect();
            let name = tokens[0].to_string();
            let mask = tokens[6].span().byte_range();
            let other = if name == "sync" {
                "SKIP_CRC_MASK"
            } else {
                "SYNC_MASK"
            };
            self.add(
                "accessor of other bits",
                &format!("{owner}.{name}"),
                &[(mask, other)],
                None,
            );
        }
    }

    // --- Computations -------------------------------------------------------

    fn numbers(&mut self, expr: &Expr, name: &str, kind: &'static str) {
        match expr {
            Expr::Lit(literal) => {
                let text = self.text(literal);
                if text.parse::<u32>().is_ok() {
                    let new = format!("{text} + 1");
                    let new = format!("({new})");
                    self.add(kind, name, &[(range(literal), &new)], None);
                }
            }
            Expr::Binary(binary) => {
                self.numbers(&binary.left, name, kind);
                self.numbers(&binary.right, name, kind);
            }
            Expr::Paren(inner) => self.numbers(&inner.expr, name, kind),
            _ => {}
        }
    }

    fn operators(&mut self, expr: &Expr, name: &str, kind: &'static str) {
        match expr {
            Expr::Binary(binary) => {
                let op = self.text(&binary.op);
                let new = match op.as_str() {
                    "|" => "&",
                    "<<" => ">>",
                    "<" => "<=",
                    _ => return,
                };
                self.add(kind, name, &[(range(&binary.op), new)], None);
                self.operators(&binary.left, name, kind);
                self.operators(&binary.right, name, kind);
            }
            Expr::Paren(inner) => self.operators(&inner.expr, name, kind),
            _ => {}
        }
    }
}

fn range(node: &impl Spanned) -> Range<usize> {
    node.span().byte_range()
}

fn same(a: &Type, b: &Type) -> bool {
    a.to_token_stream().to_string() == b.to_token_stream().to_string()
}

/// The part of a path that the project's own files share.
pub fn short(path: &Path) -> String {
    path.file_name()
        .map_or(String::new(), |name| name.to_string_lossy().into_owned())
}
