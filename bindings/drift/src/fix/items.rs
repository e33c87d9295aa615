// SPDX-License-Identifier: MIT OR Apache-2.0
//! What to change in an item, so that it is as the header has it.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use syn::spanned::Spanned;
use syn::{Expr, FnArg, Lit};

use super::scope::{Scope, fields_of};
use super::types::{MACRO, Mender};
use super::{Edits, Group, Result};
use crate::plan::types::{Ty, Types};
use crate::read::header::{CKind, CRecord, CType, Header, Stands};
use crate::read::items::{
    Constant, Crate, Declared, Field, Function, TypeItem,
};
use crate::read::lookup::plain;
use crate::read::origin::Origin;
use crate::report::{Finding, Kind};

/// Proposes changes.
pub(super) struct Proposer<'a> {
    pub all: &'a Crate,
    pub header: &'a Header,
    pub types: Types<'a>,
    pub root: &'a Path,
    /// Aliases that are corrected themselves.
    pub corrected: Vec<String>,
}

/// What the findings of one item are about.
struct Found {
    nullable: bool,
    kinds: Vec<Kind>,
}

impl<'t> Proposer<'t> {
    /// What to change in `owner`, which has these findings.
    pub fn group(&self, owner: &str, of: &[&Finding]) -> Result<Group> {
        let found = Found {
            nullable: of.iter().any(|one| one.kind == Kind::Nullable),
            kinds: of.iter().map(|one| one.kind).collect(),
        };
        let mut edits = Edits::default();
        let origin = self.item(owner, &found, &mut edits)?;
        if edits.is_empty() {
            // A layout differs because something in it does.
            let mut all = of.iter().map(|one| one.kind);
            let kind = all.find(|kind| *kind != Kind::Layout);
            return Err(reason(kind.unwrap_or(Kind::Layout)).to_owned());
        }
        let path = origin.file().path.clone();
        Ok(Group {
            owner: owner.to_owned(),
            path,
            edits,
        })
    }

    fn item(
        &self,
        owner: &str,
        found: &Found,
        edits: &mut Edits,
    ) -> Result<&Origin> {
        let has = |kind| found.kinds.contains(&kind);
        let signature = has(Kind::Signature) || has(Kind::Nullable);
        let function = self.all.functions.iter().find(|f| f.name == owner);
        if let (Some(function), true) = (function, signature) {
            self.function(function, found, edits)?;
            return Ok(&function.origin);
        }
        let variable = self.all.statics.iter().find(|s| s.name == owner);
        if let Some(variable) = variable {
            let c = self.header.variables.get(owner).ok_or(LACKS)?;
            let mut mender = self.mender(&variable.origin, found, edits);
            mender.ty(&variable.item.ty, &c.ty, false)?;
            return Ok(&variable.origin);
        }
        if let Some(item) = self.all.types.get(owner) {
            return self.named(item, found, edits);
        }
        if has(Kind::Value) || has(Kind::Type) {
            return self.constant(owner, found, edits);
        }
        Err(reason(found.kinds[0]).to_owned())
    }

    fn mender<'s>(
        &'s self,
        origin: &'s Origin,
        found: &Found,
        edits: &'s mut Edits,
    ) -> Mender<'s, 't> {
        Mender {
            types: &self.types,
            scope: Scope::new(origin, self.root),
            edits,
            nullable: found.nullable,
            corrected: &self.corrected,
        }
    }

    fn function(
        &self,
        function: &Declared<Function>,
        found: &Found,
        edits: &mut Edits,
    ) -> Result<()> {
        let sig = &function.item.sig;
        let c = self.header.functions.get(&function.name).ok_or(LACKS)?;
        if function.item.body.is_some() {
            return Err("its body would have to change, too".to_owned());
        }
        if sig.inputs.len() != c.ty.params.len() {
            return Err("the number of parameters differs: what calls it has \
                        to change, too"
                .to_owned());
        }
        if sig.variadic.is_some() != c.ty.variadic {
            return Err("it is variadic on one side: what calls it has to \
                        change, too"
                .to_owned());
        }
        let mut mender = self.mender(&function.origin, found, edits);
        let inputs = sig.inputs.iter().filter_map(|input| match input {
            FnArg::Typed(typed) => Some((&*typed.ty, typed)),
            FnArg::Receiver(_) => None,
        });
        let inputs: Vec<_> = inputs.collect();
        mender.params(&inputs, &c.ty.params, true)?;
        let close = sig.paren_token.span.close().byte_range();
        mender.result(&sig.output, close, &c.ty.result)
    }

    /// A type.
    fn named<'s>(
        &'s self,
        item: &'s Declared<TypeItem>,
        found: &Found,
        edits: &mut Edits,
    ) -> Result<&'s Origin> {
        match &item.item {
            TypeItem::Alias(ty) => {
                let (_, c) =
                    self.header.typedefs.get(&item.name).ok_or(LACKS)?;
                self.mender(&item.origin, found, edits).ty(ty, c, true)?;
            }
            TypeItem::Struct(_, fields) | TypeItem::Union(_, fields) => {
                if self.header.enumeration(&item.name).is_some() {
                    self.integer(item, fields, found, edits)?;
                } else {
                    self.record(item, fields, found, edits)?;
                }
            }
            TypeItem::Enum(..) | TypeItem::Foreign => {
                return Err(reason(found.kinds[0]).to_owned());
            }
        }
        Ok(&item.origin)
    }

    /// A newtype that stands for an enum: its integer.
    fn integer(
        &self,
        item: &Declared<TypeItem>,
        fields: &[Field],
        found: &Found,
        edits: &mut Edits,
    ) -> Result<()> {
        let [field] = fields else {
            return Err("an enum of not one integer".to_owned());
        };
        let (_, c, _) = self.header.enumeration(&item.name).ok_or(LACKS)?;
        let signed = c.negative || self.types.machine.windows;
        let mender = self.mender(&item.origin, found, edits);
        let name = if signed { "c_int" } else { "c_uint" };
        let at = mender.scope.range(&field.ty)?;
        let text = mender.scope.platform(name);
        mender.edits.add(at, &text);
        Ok(())
    }

    fn record(
        &self,
        item: &Declared<TypeItem>,
        fields: &[Field],
        found: &Found,
        edits: &mut Edits,
    ) -> Result<()> {
        let (c, _) = self.types.c_record(&item.name).ok_or(LACKS)?;
        if !c.complete {
            return Err("the header does not say what is in it".to_owned());
        }
        let mut mender = self.mender(&item.origin, found, edits);
        for field in fields {
            let theirs = c_field(c, &field.name);
            if let Some(theirs) = theirs.filter(|one| one.bits.is_none()) {
                mender.ty(&field.ty, &theirs.ty, false)?;
            }
        }
        let names: Vec<&str> =
            c.fields.iter().map(|f| f.decl.name.as_str()).collect();
        let same = fields.iter().map(|field| field.name.as_str());
        if same.clone().eq(names.iter().copied()) {
            return Ok(());
        }
        arrange(&mut mender, item, c)
    }

    /// A constant, of its own or of an enum.
    fn constant(
        &self,
        name: &str,
        found: &Found,
        edits: &mut Edits,
    ) -> Result<&Origin> {
        if let Some(constant) = self.all.constants.get(name) {
            let fits = self.number_type(name, constant, found, edits)?;
            if found.kinds.contains(&Kind::Value) {
                let scope = Scope::new(&constant.origin, self.root);
                self.value(
                    name,
                    &constant.item.value,
                    fits.as_ref(),
                    &scope,
                    edits,
                )?;
            }
            return Ok(&constant.origin);
        }
        let own = self.all.associated.iter();
        if let Some((owner, constant)) =
            own.clone().find(|(_, constant)| constant.name == name)
        {
            let ty = match self.all.types.get(owner).map(|ty| &ty.item) {
                Some(TypeItem::Struct(_, fields)) => fields
                    .first()
                    .and_then(|field| self.types.resolve(&field.ty).ok()),
                _ => None,
            };
            let scope = Scope::new(&constant.origin, self.root);
            self.value(name, &constant.item.value, ty.as_ref(), &scope, edits)?;
            return Ok(&constant.origin);
        }
        self.variant(name, edits)
    }

    /// A variant of a Rust enum.
    fn variant(&self, name: &str, edits: &mut Edits) -> Result<&Origin> {
        let variants = self.all.types.values().filter_map(|item| {
            let TypeItem::Enum(_, variants) = &item.item else {
                return None;
            };
            variants.iter().find(|(variant, _)| variant.name == name)
        });
        match variants.into_iter().next() {
            Some((variant, Some(value))) => {
                let scope = Scope::new(&variant.origin, self.root);
                self.value(name, value, None, &scope, edits)?;
                Ok(&variant.origin)
            }
            _ => Err("its value is that of the one before, plus 1".to_owned()),
        }
    }

    /// Correct the type of a constant, where it is wrong or cannot hold C's
    /// value; what it is then.
    fn number_type(
        &self,
        name: &str,
        constant: &Declared<Constant>,
        found: &Found,
        edits: &mut Edits,
    ) -> Result<Option<Ty>> {
        let now = self.types.resolve(&constant.item.ty).ok();
        let c = self.header.macros.get(name).map(|found| &found.stands);
        let Some(Stands::Expression(c)) = c else {
            return Ok(now);
        };
        let value = self.header.value(name).and_then(|v| v.parse().ok());
        let narrow = value.is_some_and(|v| holds(now.as_ref(), v).is_err());
        if !narrow && !found.kinds.contains(&Kind::Type) {
            return Ok(now);
        }
        let mut mender = self.mender(&constant.origin, found, edits);
        mender.ty(&constant.item.ty, c, false)?;
        Ok(integer_of(c).or(now))
    }

    /// Write the value that C has.
    fn value(
        &self,
        name: &str,
        now: &Expr,
        ty: Option<&Ty>,
        scope: &Scope<'_>,
        edits: &mut Edits,
    ) -> Result<()> {
        let said = self.header.find(name).map(|decl| decl.text(None).text);
        let c = self.header.value(name);
        let c = c.or_else(|| said.as_deref().and_then(quoted));
        let c = c.ok_or("C's value is not known without compiling")?;
        let (at, text) = match now {
            Expr::Call(call) if call.args.len() == 1 => {
                (scope.range(&call.args[0])?, c)
            }
            Expr::Struct(_) | Expr::Block(_) | Expr::Unsafe(_) => {
                return Err("it is no single value".to_owned());
            }
            Expr::Lit(literal) => (scope.range(now)?, like(&literal.lit, c)?),
            _ => (scope.range(now)?, c),
        };
        if let Ok(number) = text.parse::<i128>() {
            holds(ty, number)?;
        }
        let text = said
            .as_deref()
            .and_then(|said| as_in_c(said, &text))
            .unwrap_or(text);
        edits.add(at, &text);
        Ok(())
    }
}

const LACKS: &str = "the header has nothing of this name";

fn c_field<'c>(
    c: &'c CRecord,
    name: &str,
) -> Option<&'c crate::read::header::CField> {
    c.fields.iter().find(|field| field.decl.name == name)
}

/// The integer type that a constant's type is, as C has it.
fn integer_of(c: &CType) -> Option<Ty> {
    match (&c.kind, c.size) {
        (CKind::Int(_, signed), Some(size)) => {
            let bits = u32::try_from(size * 8).ok()?;
            Some(Ty::Fixed(bits, *signed))
        }
        _ => None,
    }
}

/// An error if a constant of this type cannot be `number`.
fn holds(ty: Option<&Ty>, number: i128) -> Result<()> {
    let (bits, signed) = match ty {
        Some(Ty::Fixed(bits, signed)) => (*bits, *signed),
        Some(Ty::C("char" | "signed char", _)) => (8, true),
        Some(Ty::C("unsigned char", _)) => (8, false),
        Some(Ty::C("short", _)) => (16, true),
        Some(Ty::C("unsigned short", _)) => (16, false),
        Some(Ty::C("int", _)) => (32, true),
        Some(Ty::C(_, signed) | Ty::Size(signed)) => (64, *signed),
        _ => return Ok(()),
    };
    let fits = match (bits, signed) {
        (127.., _) => true,
        (bits, true) => number >> (bits - 1) == 0 || number >> (bits - 1) == -1,
        (bits, false) => number >> bits == 0,
    };
    if fits {
        Ok(())
    } else {
        Err(format!("its type cannot hold {number}"))
    }
}

/// C's value as a literal of the same kind.
fn like(now: &Lit, c: String) -> Result<String> {
    let text = c.starts_with('"');
    match now {
        Lit::CStr(_) if text => Ok(format!("c{c}")),
        Lit::ByteStr(_) if text => {
            let inner = c.trim_end_matches('"');
            Ok(format!("b{inner}\\0\""))
        }
        Lit::Str(_) if text => Ok(c),
        Lit::Int(_) | Lit::Float(_) if !text => Ok(c),
        _ => Err("Rust and C have values of different kinds".to_owned()),
    }
}

/// The text that a macro is, if it is one as Rust would write it.
fn quoted(said: &str) -> Option<String> {
    let at = said.find('"')?;
    let (head, text) = said.split_at(at);
    let inner = text.strip_prefix('"')?.strip_suffix('"')?;
    let plain = !inner.contains(['"', '\\']);
    let alone = head.split_whitespace().count() == 2;
    (plain && alone).then(|| text.to_owned())
}

/// `value` with C's spelling, where that is Rust's too: `0x1F`.
fn as_in_c(said: &str, value: &str) -> Option<String> {
    let word = said.split_whitespace().last()?;
    let word = word.trim_matches(['(', ')']);
    let word = word.trim_end_matches(['u', 'U', 'l', 'L']);
    let digits = word.strip_prefix("0x").or(word.strip_prefix("0X"))?;
    let number = u64::from_str_radix(digits, 16).ok()?;
    (number.to_string() == value).then(|| format!("0x{digits}"))
}

/// Why nothing is proposed for this kind of finding.
pub(super) fn reason(kind: Kind) -> &'static str {
    match kind {
        Kind::Missing => {
            "whether the binding leaves it out on purpose is for a person to \
             say"
        }
        Kind::Extra => {
            "whether it goes, or belongs to another version, is for a person \
             to say"
        }
        Kind::Symbol => "which symbol is meant is for a person to say",
        Kind::Abi => "how it is called is for a person to say",
        Kind::Bits => "bits in an integer have no one form in Rust",
        Kind::Allow => "the list of known differences is a person's",
        Kind::Layout => "what is wrong with the layout as a whole is not known",
        Kind::Value | Kind::Type | Kind::Signature | Kind::Nullable => {
            "no declaration is known that C has in its place"
        }
    }
}

/// One field, with all that stands before it and belongs to it.
struct Chunk<'t> {
    name: String,
    text: &'t str,
    /// It is `pub`.
    public: bool,
}

/// Write the fields in C's order, those that are missing among them.
fn arrange(
    mender: &mut Mender<'_, '_>,
    item: &Declared<TypeItem>,
    c: &CRecord,
) -> Result<()> {
    let file = mender.scope.file;
    let named = fields_of(&file.items, &item.name).ok_or(MACRO)?;
    let ends = named.brace_token.span;
    let whole = ends.open().byte_range().end..ends.close().byte_range().start;
    // With the types corrected that are to be.
    let inner = mender.edits.take(&whole);
    let text = inner.apply_to(&file.text, whole.clone());
    let moved: Vec<(syn::Ident, usize, bool)> = named
        .named
        .iter()
        .filter_map(|field| {
            let end = field.span().byte_range().end;
            let public = !matches!(field.vis, syn::Visibility::Inherited);
            let end = inner.moved(end) - whole.start;
            Some((field.ident.clone()?, end, public))
        })
        .collect();
    let (chunks, rest) = chunks(&text, &moved);
    let new = ordered(mender, &chunks, rest, c)?;
    if new != text || !inner.is_empty() {
        mender.edits.add(whole, &new);
    }
    Ok(())
}

/// Cut `text` into fields; `fields` says where each ends. What is left comes
/// behind the last one.
fn chunks<'t>(
    text: &'t str,
    fields: &[(syn::Ident, usize, bool)],
) -> (Vec<Chunk<'t>>, &'t str) {
    let (mut all, mut from) = (vec![], 0);
    for (ident, end, public) in fields {
        let rest = &text[*end..];
        let mut end = *end;
        if rest.trim_start().starts_with(',') {
            end += rest.find(',').unwrap_or(0) + 1;
        }
        // A comment on the same line is about this field.
        let line = text[end..].split('\n').next().unwrap_or_default();
        if line.trim_start().starts_with("//") {
            end += line.len();
        }
        all.push(Chunk {
            name: plain(ident),
            text: &text[from..end],
            public: *public,
        });
        from = end;
    }
    (all, &text[from..])
}

fn ordered(
    mender: &Mender<'_, '_>,
    chunks: &[Chunk<'_>],
    rest: &str,
    c: &CRecord,
) -> Result<String> {
    // What C has under no name of its own stays behind its neighbour.
    let mut after: BTreeMap<Option<usize>, Vec<&Chunk<'_>>> = BTreeMap::new();
    let places: HashMap<&str, usize> = (0..)
        .zip(&c.fields)
        .map(|(at, field)| (field.decl.name.as_str(), at))
        .collect();
    let mut last = None;
    for chunk in chunks {
        last = places.get(chunk.name.as_str()).copied().or(last);
        after.entry(last).or_default().push(chunk);
    }
    let loaded = chunks.iter().any(|c| !places.contains_key(&*c.name));
    let mut parts: Vec<String> = vec![];
    let written = |chunk: &&Chunk<'_>| chunk.text.to_owned();
    parts.extend(after.get(&None).into_iter().flatten().map(written));
    for (at, field) in c.fields.iter().enumerate() {
        if let Some(found) = after.get(&Some(at)) {
            parts.extend(found.iter().map(written));
        } else if field.bits.is_none() {
            let ty = mender.write(&field.ty)?;
            parts.push(new_field(&field.decl.name, &ty, chunks));
        } else if !loaded {
            return Err(reason(Kind::Bits).to_owned());
        }
    }
    let end = parts.len().saturating_sub(1);
    let mut text = String::new();
    for (at, part) in parts.iter().enumerate() {
        text.push_str(&ended(part, at == end));
    }
    text.push_str(rest);
    Ok(text)
}

/// `part` with a comma behind it, unless it is the last.
fn ended(part: &str, is_last: bool) -> String {
    let (code, comment) = match part.rfind("//") {
        Some(at) if !part[at..].contains('\n') => part.split_at(at),
        _ => (part, ""),
    };
    let code_end = code.trim_end();
    if is_last || code_end.ends_with(',') {
        return part.to_owned();
    }
    format!("{code_end},{}{comment}", &code[code_end.len()..])
}

/// A field that C has and Rust lacks, set as its neighbours are.
fn new_field(name: &str, ty: &str, chunks: &[Chunk<'_>]) -> String {
    let before = chunks.last().map_or("\n    ", |chunk| {
        let code = chunk.text.trim_start();
        let gap = &chunk.text[..chunk.text.len() - code.len()];
        gap.rfind('\n').map_or(" ", |at| &gap[at..])
    });
    let public = chunks.first().is_none_or(|chunk| chunk.public);
    let vis = if public { "pub " } else { "" };
    let raw = syn::parse_str::<syn::Ident>(name).is_err();
    let raw = if raw { "r#" } else { "" };
    format!("{before}{vis}{raw}{name}: {ty},")
}
