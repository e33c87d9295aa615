// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a C header declares, as libclang reads it.
//!
//! Only names, places and the shape of types come from here, to know which
//! assertions to make and how to explain one that fails. Whether it fails is
//! for the C compiler to say.

mod macros;

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use clang_sys::*;

use crate::Error;
use crate::place::Place;
use crate::read::clang::{Cursor, Type, Unit};
use crate::read::compiler::{self, Sources};
use crate::read::intrinsics;
use crate::snippet::Snippet;

/// A name of the header.
#[derive(Debug, Clone)]
pub struct Decl {
    /// The name.
    pub name: String,
    /// Where.
    pub place: Place,
    /// Whether it is the header's own, and not that of one that it includes.
    pub own: bool,
    /// The file, and what of it the declaration is.
    source: Rc<str>,
    range: Range<usize>,
    written: Written,
}

/// What of a declaration is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Written {
    /// All of it.
    Whole,
    /// Not its body: that says nothing about how a function is called, and
    /// the fields of a struct have their own lines.
    Head,
    /// The same, up to the end of the statement: where a macro ends it,
    /// libclang knows its start.
    Statement,
    /// A macro.
    Define,
    /// It has a name of libclang's only.
    Named(String),
}

/// A type.
#[derive(Debug, Clone)]
pub struct CType {
    /// Typedefs resolved.
    pub kind: CKind,
    /// Whether it is `const` itself.
    pub is_const: bool,
    /// Whether it is `volatile` itself.
    pub is_volatile: bool,
    /// As written.
    pub spelled: String,
    /// In bytes.
    pub size: Option<u64>,
}

impl CType {
    /// What no declaration has written.
    pub fn of(kind: CKind) -> Self {
        Self {
            kind,
            is_const: false,
            is_volatile: false,
            spelled: String::new(),
            size: None,
        }
    }
}

/// The kinds of types.
#[derive(Debug, Clone)]
pub enum CKind {
    /// `void`
    Void,
    /// `_Bool`
    Bool,
    /// An integer, `char` included: what C calls it, and whether it has a
    /// sign.
    Int(String, bool),
    /// `float`, `double`, ...
    Float(String),
    /// An enum, by [`Header::enums`]' key.
    Enum(String),
    /// A struct or union, by [`Header::records`]' key.
    Record(String),
    /// A pointer.
    Pointer(Box<CType>),
    /// An array.
    Array(Box<CType>, u64),
    /// An array without a length.
    Flexible(Box<CType>),
    /// A function.
    Function(Box<CFunctionType>),
    /// Anything else.
    Other(String),
}

impl CKind {
    /// Whether it is as much aligned as it is long.
    pub fn is_scalar(&self) -> bool {
        matches!(
            self,
            Self::Int(..) | Self::Float(_) | Self::Pointer(_) | Self::Enum(_)
        )
    }
}

/// How a function is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Convention {
    /// As the platform's C compiler does without being told.
    C,
    /// As on 64-bit Windows: `__attribute__((ms_abi))`
    Win64,
    /// `__attribute__((stdcall))`
    StdCall,
    /// `__attribute__((fastcall))`
    FastCall,
    /// Another one, which is not compared.
    Other,
}

impl Convention {
    /// What C writes before a function of this convention.
    pub fn attribute(self) -> &'static str {
        match self {
            Self::C | Self::Other => "",
            Self::Win64 => "__attribute__((ms_abi)) ",
            Self::StdCall => "__attribute__((stdcall)) ",
            Self::FastCall => "__attribute__((fastcall)) ",
        }
    }
}

/// What a function takes and returns.
#[derive(Debug, Clone)]
pub struct CFunctionType {
    /// How it is called.
    pub convention: Convention,
    /// What it returns.
    pub result: CType,
    /// What it takes.
    pub params: Vec<CType>,
    /// `...`
    pub variadic: bool,
}

/// A function.
#[derive(Debug, Clone)]
pub struct CFunction {
    /// Its name.
    pub decl: Decl,
    /// Its type.
    pub ty: CFunctionType,
    /// Where each parameter stands in the file.
    params: Vec<Range<usize>>,
    /// What it is called in the library: an `asm` label, or its name.
    pub symbol: String,
    /// In no library.
    pub inline: bool,
    /// Whether libclang says that it does not return.
    noreturn: bool,
}

/// A variable.
#[derive(Debug, Clone)]
pub struct CVariable {
    /// Its name.
    pub decl: Decl,
    /// Its type.
    pub ty: CType,
    /// What it is called in the library: an `asm` label, or its name.
    pub symbol: String,
    /// Each thread has one of its own.
    pub thread_local: bool,
}

/// A struct or union.
#[derive(Debug, Clone)]
pub struct CRecord {
    /// Its tag, or a typedef's name, or nothing.
    pub decl: Decl,
    /// How C refers to it: nothing if it has no name.
    pub spelled: Option<String>,
    /// Not a struct.
    pub is_union: bool,
    /// Whether the header says what is in it.
    pub complete: bool,
    /// In bytes, if it is complete: for messages.
    pub size: Option<u64>,
    /// The same of its alignment.
    pub align: Option<u64>,
    /// What is in it.
    pub fields: Vec<CField>,
    /// The records without a name or a field of their own among them, whose
    /// fields are in `fields` too: the names of each.
    pub anonymous: Vec<Vec<String>>,
}

/// A field.
#[derive(Debug, Clone)]
pub struct CField {
    /// Its name.
    pub decl: Decl,
    /// Where it lies in its record, in bits.
    pub offset: Option<u64>,
    /// Its type.
    pub ty: CType,
    /// Of a bitfield: how many.
    pub bits: Option<u32>,
}

/// An enum.
#[derive(Debug, Clone)]
pub struct CEnum {
    /// Its tag, or a typedef's name, or nothing.
    pub decl: Decl,
    /// How C refers to it: nothing if it has no name.
    pub spelled: Option<String>,
    /// Its names.
    pub constants: Vec<Decl>,
    /// Their values.
    pub values: Vec<i128>,
    /// Whether one of them is below zero.
    pub negative: bool,
}

/// What a macro without arguments stands for.
#[derive(Debug, Clone)]
pub enum Stands {
    /// An expression: its type.
    Expression(CType),
    /// `{ ... }`
    Initialiser,
    /// Nothing, as an include guard does.
    Nothing,
    /// A function of the header, by another name.
    Function,
    /// With arguments: their number.
    Arguments(usize),
    /// Anything else: an attribute, a type, a call.
    Other,
}

/// A macro.
#[derive(Debug, Clone)]
pub struct CMacro {
    /// Its name.
    pub decl: Decl,
    /// What for.
    pub stands: Stands,
    /// The other name that it is, and nothing else.
    pub alias: Option<String>,
    /// It is a number as one writes it, with no cast and no operator.
    pub literal: bool,
    /// What it comes to, where libclang can tell: for messages.
    pub value: Option<String>,
}

/// What a header declares, and those that it includes.
#[derive(Debug, Default)]
pub struct Header {
    /// By name.
    pub functions: BTreeMap<String, CFunction>,
    /// By name.
    pub variables: BTreeMap<String, CVariable>,
    /// By how libclang calls them.
    pub records: BTreeMap<String, CRecord>,
    /// By how libclang calls them.
    pub enums: BTreeMap<String, CEnum>,
    /// By name: the enum of each enumerator.
    pub enumerators: BTreeMap<String, String>,
    /// By name.
    pub typedefs: BTreeMap<String, (Decl, CType)>,
    /// By name.
    pub macros: BTreeMap<String, CMacro>,
    /// How the headers are included, one a line.
    pub prelude: String,
}

/// Read the headers.
pub fn read(sources: &Sources) -> Result<Header, Error> {
    for header in &sources.headers {
        if !header.is_file() {
            return Err(Error::NoFile(header.clone()));
        }
    }
    let prelude = sources.prelude();
    compiler::can_compile(sources, &prelude)?;
    let mut args = vec!["-xc".to_owned()];
    args.extend(sources.cflags.iter().cloned());
    let parsed = intrinsics::parse(&prelude, &args, &sources.cc)?;
    let (unit, args) = (parsed.unit, parsed.arguments);
    if let Some(first) = unit.errors().first() {
        return Err(Error::Libclang(format!(
            "{}:{}: {}",
            first.file.display(),
            first.line,
            first.text
        )));
    }
    let mut reader = Reader {
        sources,
        unit: &unit,
        header: Header {
            prelude: prelude.clone(),
            ..Header::default()
        },
        own: HashMap::new(),
        files: HashMap::new(),
    };
    for item in unit.items() {
        reader.item(item);
    }
    let mut header = reader.header;
    macros::classify(&mut header, &args.words)?;
    Ok(header)
}

struct Reader<'a> {
    sources: &'a Sources,
    unit: &'a Unit,
    header: Header,
    own: HashMap<PathBuf, bool>,
    files: HashMap<PathBuf, Rc<str>>,
}

impl Reader<'_> {
    fn item(&mut self, cursor: Cursor<'_>) {
        #[allow(non_upper_case_globals)]
        match cursor.kind() {
            CXCursor_FunctionDecl => self.function(cursor),
            CXCursor_VarDecl => self.variable(cursor),
            CXCursor_StructDecl | CXCursor_UnionDecl => {
                self.record(cursor, None);
            }
            CXCursor_EnumDecl => self.enumeration(cursor),
            CXCursor_TypedefDecl => self.typedef(cursor),
            CXCursor_MacroDefinition => self.macro_(cursor),
            // extern "C" { ... }
            CXCursor_LinkageSpec | CXCursor_UnexposedDecl => {
                for child in cursor.children() {
                    self.item(child);
                }
            }
            _ => {}
        }
    }

    fn owns(&mut self, file: &Path) -> bool {
        if let Some(known) = self.own.get(file) {
            return *known;
        }
        let owns = self.sources.owns(file);
        self.own.insert(file.to_path_buf(), owns);
        owns
    }

    fn source(&mut self, file: &Path) -> Rc<str> {
        let sources = &mut self.files;
        let known = sources.entry(file.to_path_buf()).or_insert_with(|| {
            let named = !file.as_os_str().is_empty();
            let text = named.then(|| fs::read_to_string(file).ok());
            text.flatten().unwrap_or_default().into()
        });
        Rc::clone(known)
    }

    #[allow(non_upper_case_globals)]
    fn decl(&mut self, cursor: Cursor<'_>) -> Decl {
        let extent = cursor.extent();
        Decl {
            name: cursor.name(),
            own: self.owns(&extent.file),
            source: self.source(&extent.file),
            range: extent.start..extent.end,
            written: match cursor.kind() {
                CXCursor_FunctionDecl | CXCursor_TypedefDecl => {
                    Written::Statement
                }
                CXCursor_MacroDefinition => Written::Define,
                CXCursor_FieldDecl => Written::Whole,
                _ => Written::Head,
            },
            place: Place {
                file: extent.file,
                line: extent.line,
                by: None,
            },
        }
    }

    fn function(&mut self, cursor: Cursor<'_>) {
        let decl = self.decl(cursor);
        let Some(ty) = function_type(cursor.ty().canonical(), cursor.ty())
        else {
            return;
        };
        let params = cursor
            .children()
            .into_iter()
            .filter(|child| child.kind() == CXCursor_ParmDecl)
            .map(super::clang::Cursor::extent)
            .map(|extent| extent.start..extent.end)
            .collect();
        // GNU's attribute is a part of the type, and _Noreturn none.
        let said = cursor.pretty() + &cursor.ty().spelling();
        let noreturn = says_noreturn(&said);
        let function = CFunction {
            ty,
            params,
            symbol: symbol(cursor),
            inline: cursor.is_static(),
            noreturn,
            decl: decl.clone(),
        };
        self.header.functions.entry(decl.name).or_insert(function);
    }

    fn variable(&mut self, cursor: Cursor<'_>) {
        let decl = self.decl(cursor);
        let ty = c_type(cursor.ty());
        let name = decl.name.clone();
        let variable = CVariable {
            decl,
            ty,
            symbol: symbol(cursor),
            thread_local: cursor.is_thread_local(),
        };
        self.header.variables.entry(name).or_insert(variable);
    }

    /// A struct or union: where it is defined, and else where it is named
    /// first.
    fn record(&mut self, cursor: Cursor<'_>, field: Option<&Decl>) {
        let key = key(cursor.ty());
        let known = self.header.records.get(&key);
        if known.is_some_and(|record| record.complete)
            || (known.is_some() && !cursor.is_definition())
        {
            return;
        }
        let spelled = (!key.contains('(')).then(|| key.clone());
        let mut decl = self.decl(cursor);
        if spelled.is_none() {
            decl.name = field.map_or(String::new(), |f| f.name.clone());
        }
        let mut record = CRecord {
            decl,
            spelled,
            is_union: cursor.kind() == CXCursor_UnionDecl,
            complete: cursor.is_definition(),
            size: cursor.ty().size(),
            align: cursor.ty().align(),
            fields: vec![],
            anonymous: vec![],
        };
        if record.decl.text(None).text.len() <= "struct ".len() {
            record.decl.written = Written::Named(key.clone());
        }
        self.fields(cursor, &mut record);
        for field in &mut record.fields {
            let name = &field.decl.name;
            field.offset = field.offset.or(cursor.ty().offset_of(name));
        }
        self.header.records.insert(key, record);
    }

    fn fields(&mut self, cursor: Cursor<'_>, record: &mut CRecord) {
        for child in cursor.children() {
            #[allow(non_upper_case_globals)]
            match child.kind() {
                CXCursor_FieldDecl => {
                    let field = CField {
                        decl: self.decl(child),
                        offset: child.field_offset(),
                        ty: c_type(child.ty()),
                        bits: child.bits(),
                    };
                    // A bitfield without a name is padding.
                    if !field.decl.name.is_empty() {
                        record.fields.push(field);
                    }
                }
                CXCursor_StructDecl | CXCursor_UnionDecl => {
                    if is_anonymous(child, cursor) {
                        let from = record.fields.len();
                        self.fields(child, record);
                        // Of the outer record they are not known.
                        for field in &mut record.fields[from..] {
                            field.offset = None;
                        }
                        let names = &record.fields[from..];
                        let names =
                            names.iter().map(|field| field.decl.name.clone());
                        let names = names.collect();
                        record.anonymous.push(names);
                    } else {
                        self.record(child, None);
                    }
                }
                CXCursor_EnumDecl => self.enumeration(child),
                _ => {}
            }
        }
    }

    fn enumeration(&mut self, cursor: Cursor<'_>) {
        let key = key(cursor.ty());
        if self.header.enums.contains_key(&key) {
            return;
        }
        let children: Vec<Cursor<'_>> = cursor
            .children()
            .into_iter()
            .filter(|child| child.kind() == CXCursor_EnumConstantDecl)
            .collect();
        let values: Vec<i128> =
            children.iter().map(|child| child.value()).collect();
        let negative = values.iter().any(|value| *value < 0);
        let constants: Vec<Decl> =
            children.into_iter().map(|child| self.decl(child)).collect();
        for constant in &constants {
            self.header
                .enumerators
                .insert(constant.name.clone(), key.clone());
        }
        let spelled = (!key.contains('(')).then(|| key.clone());
        let mut decl = self.decl(cursor);
        if spelled.is_none() {
            decl.name.clear();
        }
        let value = CEnum {
            decl,
            spelled,
            constants,
            values,
            negative,
        };
        self.header.enums.insert(key, value);
    }

    fn typedef(&mut self, cursor: Cursor<'_>) {
        let decl = self.decl(cursor);
        let ty = c_type(cursor.typedef());
        self.header
            .typedefs
            .entry(decl.name.clone())
            .or_insert((decl, ty));
    }

    fn macro_(&mut self, cursor: Cursor<'_>) {
        let wanted = self.sources.macros.contains(&cursor.name());
        // There are thousands in the headers of the system.
        if !wanted && !self.owns(&cursor.extent().file) {
            return;
        }
        let decl = self.decl(cursor);
        let tokens = self.unit.tokens(cursor);
        let stands = if cursor.takes_arguments() {
            let end = tokens.iter().position(|token| token == ")");
            let list = &tokens[2..end.unwrap_or(2)];
            let commas = list.iter().filter(|token| *token == ",").count();
            Stands::Arguments(if list.is_empty() { 0 } else { commas + 1 })
        } else {
            match tokens.get(1).map(String::as_str) {
                None => Stands::Nothing,
                Some("{") => Stands::Initialiser,
                // For `classify` to find out.
                Some(_) => Stands::Other,
            }
        };
        let alias = match tokens.get(1..) {
            Some([one]) if !cursor.takes_arguments() => Some(one.clone()),
            _ => None,
        };
        let name = decl.name.clone();
        let literal = is_literal(tokens.get(1..).unwrap_or_default());
        let found = CMacro {
            decl,
            stands,
            alias,
            literal,
            value: None,
        };
        self.header.macros.insert(name, found);
    }
}

fn is_literal(tokens: &[String]) -> bool {
    let mut rest = tokens
        .iter()
        .map(String::as_str)
        .filter(|token| !matches!(*token, "(" | ")" | "-" | "+"));
    let first = rest.next();
    first.is_some_and(|text| text.starts_with(|c: char| c.is_ascii_digit()))
        && rest.next().is_none()
}

/// What the library calls it: `__asm__("x")` has the last word.
fn symbol(cursor: Cursor<'_>) -> String {
    let children = cursor.children();
    let label = children
        .iter()
        .find(|child| child.kind() == CXCursor_AsmLabelAttr);
    label.map_or_else(|| cursor.name(), |label| label.name())
}

/// Whether `record` is a member of `parent` that has no name: not one that a
/// field of `parent` is of.
fn is_anonymous(record: Cursor<'_>, parent: Cursor<'_>) -> bool {
    let key = key(record.ty());
    key.contains('(')
        && !parent.children().into_iter().any(|field| {
            field.kind() == CXCursor_FieldDecl
                && self::key(innermost(field.ty())) == key
        })
        && (record.is_anonymous() || record.name().is_empty())
}

fn innermost(ty: Type<'_>) -> Type<'_> {
    let ty = ty.canonical();
    #[allow(non_upper_case_globals)]
    match ty.kind() {
        CXType_ConstantArray | CXType_IncompleteArray => {
            innermost(ty.element())
        }
        CXType_Pointer => innermost(ty.pointee()),
        _ => ty,
    }
}

/// What a struct, union or enum is called, its qualifiers aside.
fn key(ty: Type<'_>) -> String {
    let text = ty.canonical().spelling();
    let text = text.strip_prefix("const ").unwrap_or(&text);
    text.strip_prefix("volatile ").unwrap_or(text).to_owned()
}

fn function_type(
    canonical: Type<'_>,
    written: Type<'_>,
) -> Option<CFunctionType> {
    #[allow(non_upper_case_globals)]
    match canonical.kind() {
        CXType_FunctionProto | CXType_FunctionNoProto => {}
        _ => return None,
    }
    // A typedef of a function type hides how the parts are written.
    let written = if written.arguments().len() == canonical.arguments().len() {
        written
    } else {
        canonical
    };
    Some(CFunctionType {
        convention: convention(canonical),
        result: c_type(written.result()),
        params: written
            .arguments()
            .into_iter()
            .map(|ty| decay(c_type(ty)))
            .collect(),
        variadic: canonical.is_variadic(),
    })
}

/// A parameter `int a[4]` is a pointer; how it is written says more.
fn decay(ty: CType) -> CType {
    let kind = match ty.kind {
        CKind::Array(element, _) | CKind::Flexible(element) => {
            CKind::Pointer(element)
        }
        other => other,
    };
    CType { kind, ..ty }
}

fn convention(function: Type<'_>) -> Convention {
    #[allow(non_upper_case_globals)]
    match function.convention() {
        CXCallingConv_Default | CXCallingConv_C => Convention::C,
        CXCallingConv_Win64 => Convention::Win64,
        CXCallingConv_X86StdCall => Convention::StdCall,
        CXCallingConv_X86FastCall => Convention::FastCall,
        _ => Convention::Other,
    }
}

/// `ty` without typedefs, all the way down.
pub fn c_type(ty: Type<'_>) -> CType {
    let canonical = ty.canonical();
    CType {
        kind: kind_of(ty, canonical),
        is_const: canonical.is_const(),
        is_volatile: canonical.is_volatile(),
        spelled: ty.spelling(),
        size: canonical.size(),
    }
}

fn kind_of(ty: Type<'_>, canonical: Type<'_>) -> CKind {
    #[allow(non_upper_case_globals)]
    match canonical.kind() {
        CXType_Void => CKind::Void,
        CXType_Bool => CKind::Bool,
        CXType_Char_S => CKind::Int("char".to_owned(), true),
        CXType_Char_U => CKind::Int("char".to_owned(), false),
        CXType_SChar | CXType_Short | CXType_Int | CXType_Long
        | CXType_LongLong | CXType_Int128 => CKind::Int(key(canonical), true),
        CXType_UChar | CXType_UShort | CXType_UInt | CXType_ULong
        | CXType_ULongLong | CXType_UInt128 => {
            CKind::Int(key(canonical), false)
        }
        CXType_Float | CXType_Double | CXType_LongDouble => {
            CKind::Float(key(canonical))
        }
        CXType_Enum => CKind::Enum(key(canonical)),
        CXType_Record => CKind::Record(key(canonical)),
        // The pointee as written, unless a typedef hides the pointer.
        CXType_Pointer if ty.kind() == CXType_Pointer => {
            CKind::Pointer(Box::new(c_type(ty.pointee())))
        }
        CXType_Pointer => CKind::Pointer(Box::new(c_type(canonical.pointee()))),
        CXType_ConstantArray => {
            let inner = c_type(element(ty, canonical));
            CKind::Array(Box::new(inner), canonical.array_len())
        }
        CXType_IncompleteArray => {
            CKind::Flexible(Box::new(c_type(element(ty, canonical))))
        }
        _ => match function_type(canonical, ty) {
            Some(function) => CKind::Function(Box::new(function)),
            None => CKind::Other(canonical.spelling()),
        },
    }
}

fn element<'u>(ty: Type<'u>, canonical: Type<'u>) -> Type<'u> {
    if ty.kind() == canonical.kind() {
        ty.element()
    } else {
        canonical.element()
    }
}

fn says_noreturn(text: &str) -> bool {
    text.contains("_Noreturn") || text.contains("noreturn")
}

impl CFunction {
    /// Whether it never returns: `_Noreturn`, or an attribute. Of a function
    /// that the compiler knows, libclang shows its own.
    pub fn never_returns(&self) -> bool {
        self.noreturn || says_noreturn(&self.decl.text(None).text)
    }

    /// As written, with its parameter `at` marked.
    pub fn marked(&self, at: usize) -> Snippet {
        // Where a macro makes the parameters, they have no place.
        let mark = self.params.get(at).filter(|range| !range.is_empty());
        self.decl.text(mark)
    }
}

impl Decl {
    /// As written, with the bytes `mark` of its file marked.
    pub fn text(&self, mark: Option<&Range<usize>>) -> Snippet {
        let mut range = self.range.clone();
        if self.written == Written::Statement {
            let rest = self.source.get(range.end..).unwrap_or("");
            range.end += rest.find([';', '{', '}']).unwrap_or(0);
        }
        if matches!(self.written, Written::Statement | Written::Head) {
            let text = self.source.get(range.clone()).unwrap_or("");
            range.end = range.start + text.find('{').unwrap_or(range.len());
        }
        let mut shown = Snippet::new(&self.source, range, mark);
        match &self.written {
            Written::Define => {
                shown.text = format!("#define {}", shown.text);
            }
            Written::Named(name) => shown.text.clone_from(name),
            _ => {}
        }
        shown
    }
}

impl Header {
    /// The function that a program gets which links to `symbol`: where several
    /// have it, that which C calls `name`.
    pub fn linked(&self, symbol: &str, name: &str) -> Option<&CFunction> {
        let own = self.functions.get(name);
        let named = self.functions.get(symbol);
        own.into_iter()
            .chain(named)
            .chain(self.functions.values())
            .find(|function| function.symbol == symbol)
    }

    /// The struct or union called `name`, by its tag or by a typedef, and how
    /// C refers to it.
    pub fn record(&self, name: &str) -> Option<(&str, &CRecord, String)> {
        for tag in ["struct", "union"] {
            let key = format!("{tag} {name}");
            if let Some((key, found)) = self.records.get_key_value(&key) {
                return Some((key, found, key.clone()));
            }
        }
        let (_, ty) = self.typedefs.get(name)?;
        let CKind::Record(key) = &ty.kind else {
            return None;
        };
        let (key, found) = self.records.get_key_value(key)?;
        Some((key, found, name.to_owned()))
    }

    /// The enum called `name`, as [`Header::record`].
    pub fn enumeration(&self, name: &str) -> Option<(&str, &CEnum, String)> {
        let key = format!("enum {name}");
        if let Some((key, found)) = self.enums.get_key_value(&key) {
            return Some((key, found, key.clone()));
        }
        let (_, ty) = self.typedefs.get(name)?;
        let CKind::Enum(key) = &ty.kind else {
            return None;
        };
        let (key, found) = self.enums.get_key_value(key)?;
        Some((key, found, name.to_owned()))
    }

    /// What the constant `name` comes to, where that is known: for messages.
    pub fn value(&self, name: &str) -> Option<String> {
        if let Some(found) = self.macros.get(name) {
            return found.value.clone();
        }
        let owner = self.enums.get(self.enumerators.get(name)?)?;
        let at = owner.constants.iter().position(|c| c.name == name)?;
        owner.values.get(at).map(i128::to_string)
    }

    /// Where `name` is declared, whatever it is.
    pub fn find(&self, name: &str) -> Option<&Decl> {
        let functions = self.functions.get(name).map(|f| &f.decl);
        functions
            .or_else(|| self.variables.get(name).map(|v| &v.decl))
            .or_else(|| self.macros.get(name).map(|m| &m.decl))
            .or_else(|| self.record(name).map(|(_, record, _)| &record.decl))
            .or_else(|| self.enumeration(name).map(|(_, e, _)| &e.decl))
            .or_else(|| self.typedefs.get(name).map(|(decl, _)| decl))
            .or_else(|| {
                let owner = self.enums.get(self.enumerators.get(name)?)?;
                owner.constants.iter().find(|c| c.name == name)
            })
    }
}
