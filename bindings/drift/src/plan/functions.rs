// SPDX-License-Identifier: MIT OR Apache-2.0
//! Functions and variables.

use syn::{FnArg, ReturnType};

use super::{Planner, Subject, c_side, marked, rust_side, written};
use crate::plan::differ::{Difference, Position};
use crate::plan::types::{FunctionType, Ty, Types};
use crate::read::header::{CFunction, CKind, CType, CVariable, Convention};
use crate::read::items::{Declared, Function, Static, Symbol};
use crate::read::rules::Class;
use crate::report::{Finding, Kind, Level, Side};

/// A parameter, or the result, that differs.
struct Part {
    /// Which parameter.
    at: Option<usize>,
    what: String,
    differs: Difference,
    rust: Side,
    c: Side,
}

impl Planner<'_> {
    pub(super) fn functions(&mut self) {
        let all = self.all;
        for function in &all.functions {
            if self.skips_function(function) {
                continue;
            }
            if function.item.body.is_some() && self.all.exports {
                self.exported(function);
            } else if function.item.body.is_some() {
                self.with_body(function);
            } else if self.all.exports {
                let why = "a declaration of a C function: nothing that Rust \
                           exports";
                let place = function.origin.place();
                self.alone(&function.name, place, why);
            } else {
                self.foreign(function);
            }
        }
    }

    /// A declaration of a C function.
    fn foreign(&mut self, function: &Declared<Function>) {
        let header = self.header;
        let own = header.functions.get(&function.name);
        let symbol = self.linked_symbol(function);
        let subject = super::subject(function, own.map(|own| &own.decl));
        self.bound.insert(function.name.clone());
        let Some(c) = header.linked(&symbol, &function.name) else {
            self.not_linked(function, symbol, subject);
            return;
        };
        let called = header.macros.get(&function.name);
        let called = called.and_then(|found| found.alias.as_deref());
        let redirected = called == Some(&*c.decl.name);
        if own.is_some() && c.decl.name != function.name && !redirected {
            self.drift(subject.clone().finding(
                Kind::Symbol,
                format!("it links to {symbol}"),
                "another function of the library is called by this name",
            ));
        }
        self.bound.insert(c.decl.name.clone());
        if c.inline {
            self.letter(subject.finding(
                Kind::Symbol,
                "an inline function of the header, declared as a library's",
                "it is in no library: a call does not link",
            ));
        } else if !self.is_in_library(&symbol) {
            self.letter(subject.finding(
                Kind::Symbol,
                format!("the library does not export {symbol}"),
                "a call does not link",
            ));
        }
        self.signature(function, c, "functions");
    }

    /// What a declaration links to.
    fn linked_symbol(&mut self, function: &Declared<Function>) -> String {
        if let Some(Symbol::Name(name)) = &function.item.symbol {
            // `x@GLIBC_2.2.5` is a version of x.
            return name.split('@').next().unwrap_or(name).to_owned();
        }
        let why = "its link_name is computed in a way that is not \
                   understood; its signature is compared by its name";
        self.unchecked(&function.name, function.origin.place(), why);
        function.name.clone()
    }

    /// Whether the library exports `symbol`, as far as it is known.
    pub(super) fn is_in_library(&self, symbol: &str) -> bool {
        let exported = self.options.exported.as_ref();
        exported.is_none_or(|all| all.contains(symbol))
    }

    /// A declaration that links to what no function of the header is.
    fn not_linked(
        &mut self,
        function: &Declared<Function>,
        symbol: String,
        subject: Subject,
    ) {
        let header = self.header;
        if let Some(c) = header.functions.get(&symbol) {
            // C gives it another symbol: `__asm__("...")`.
            self.drift(subject.finding(
                Kind::Symbol,
                format!("Rust links to {symbol}, and C to {}", c.symbol),
                "Rust calls another function than C calls by this name, \
                 or does not link: it needs link_name",
            ));
            self.bound.insert(symbol);
            self.signature(function, c, "functions");
            return;
        }
        let what = self.what_is_undeclared(function, &symbol);
        // Nothing crosses by what is not there, and what else is linked
        // cannot be compared.
        self.letter(subject.finding(
            Kind::Extra,
            what,
            "a call reaches another function of that name, or does not link",
        ));
        // By its own name, all the same.
        if let Some(own) = header.functions.get(&function.name) {
            self.signature(function, own, "functions");
        }
    }

    /// What to say of a function that the header does not have.
    fn what_is_undeclared(
        &self,
        function: &Declared<Function>,
        symbol: &str,
    ) -> String {
        let none = "the header declares no such function";
        let known = self.options.exported.is_some();
        if symbol != function.name {
            format!("it links to {symbol}, which the header lacks")
        } else if known && self.is_in_library(symbol) {
            format!("{none}, though the library exports it")
        } else {
            none.to_owned()
        }
    }

    /// A function of Rust's that is called as one of the header is: an inline
    /// one written again, a macro, or one that C calls.
    fn with_body(&mut self, function: &Declared<Function>) {
        let header = self.header;
        let exported = match &function.item.symbol {
            Some(Symbol::Name(name)) => header.functions.get(name),
            _ => None,
        };
        let named = header.functions.get(&function.name);
        if let Some(c) = exported.or(named) {
            self.bound.insert(c.decl.name.clone());
            let here =
                function.item.abi == "Rust" && function.item.symbol.is_none();
            if here && !c.inline {
                let why = "a function of Rust's own, which C never calls: the \
                           header has another one of its name";
                let place = function.origin.place();
                self.alone(&function.name, place, why);
                return;
            }
            let what = if c.inline {
                "inline functions, written again in Rust"
            } else {
                "functions that Rust defines"
            };
            self.signature(function, c, what);
        } else if header.macros.contains_key(&function.name) {
            self.macro_function(function);
        } else if function.item.symbol.is_some() {
            self.alone(
                &function.name,
                function.origin.place(),
                "Rust exports it, and the header does not declare it",
            );
        } else if function.public {
            self.alone(
                &function.name,
                function.origin.place(),
                "a function of Rust's own: the header has none of its name",
            );
        }
    }

    pub(super) fn signature(
        &mut self,
        function: &Declared<Function>,
        c: &CFunction,
        what: &'static str,
    ) {
        let subject = super::subject(function, Some(&c.decl));
        let again = is_written_again(function, c);
        if !again {
            self.calling_convention(function, c, &subject);
        }
        let named = Self::named_like(function, c);
        let ty = match self.signature_type(function) {
            Ok(ty) => ty,
            Err(why) => {
                let place = function.origin.place();
                self.unchecked(&function.name, place, &why);
                return;
            }
        };
        self.passed_pointers(&ty, &subject);
        if self.all.exports {
            self.given(function, &ty, &subject);
        }
        self.noreturn(function, c, &ty);
        let mut finding = self.explain(function, c, &ty);
        if again {
            finding.level = Level::Letter;
        }
        // How it is called has been said.
        let ty = FunctionType { abi: named, ..ty };
        let text = |types: &Types<'_>| {
            let name = &c.decl.name;
            let text = types.function_text(&ty, Some(&c.ty))?;
            Ok(format!(
                "_Generic(&({name}), __typeof__({text}): 1, default: 0)"
            ))
        };
        self.ask_counted(what, function.origin.place(), text, finding);
    }

    /// The function pointers that it takes and returns: what C gives may be
    /// NULL.
    fn passed_pointers(&mut self, ty: &FunctionType, subject: &Subject) {
        let exports = self.all.exports;
        self.nullable(&ty.result, subject, exports);
        for param in &ty.params {
            self.nullable(param, subject, !exports);
        }
    }

    /// How the two sides call it.
    fn calling_convention(
        &mut self,
        function: &Declared<Function>,
        c: &CFunction,
        subject: &Subject,
    ) {
        let abi = &function.item.abi;
        if self.types.convention(abi) == Some(c.ty.convention)
            || c.ty.convention == Convention::Other
        {
            return;
        }
        let name = function.item.sig.ident.to_string();
        let mut subject = subject.clone();
        subject.rust = subject.rust.map(|side| marked(side, &name));
        self.drift(subject.finding(
            Kind::Abi,
            format!("ABI \"{abi}\""),
            "C has its own convention: registers and stack disagree \
             wherever the two are not the same",
        ));
    }

    /// The name of C's own convention for a function.
    fn named_like(function: &Declared<Function>, c: &CFunction) -> String {
        match c.ty.convention {
            Convention::Win64 => "win64".to_owned(),
            Convention::StdCall => "stdcall".to_owned(),
            Convention::FastCall => "fastcall".to_owned(),
            Convention::C => "C".to_owned(),
            Convention::Other => function.item.abi.clone(),
        }
    }

    fn noreturn(
        &mut self,
        function: &Declared<Function>,
        c: &CFunction,
        ty: &FunctionType,
    ) {
        let subject = super::subject(function, Some(&c.decl));
        let never = ty.result == Ty::Never;
        let c_never = c.never_returns();
        if self.all.exports {
            if c_never && !never {
                self.drift(subject.finding(
                    Kind::Signature,
                    "C says that it never returns, and Rust does not",
                    "if it returns, C runs code that was not meant to follow",
                ));
            }
        } else if never && !c_never {
            self.drift(subject.finding(
                Kind::Signature,
                "it never returns in Rust, and C does not say so",
                "if C returns, Rust runs code that was not meant to follow",
            ));
        } else if c_never && !never {
            self.note(subject.finding(
                Kind::Signature,
                "C says that it never returns",
                "none: the call simply never returns",
            ));
        }
    }

    pub(super) fn signature_type(
        &self,
        function: &Declared<Function>,
    ) -> Result<FunctionType, String> {
        let sig = &function.item.sig;
        let mut params = vec![];
        for input in &sig.inputs {
            let FnArg::Typed(input) = input else {
                return Err("it takes self".to_owned());
            };
            params.push(self.types.resolve(&input.ty)?);
        }
        let result = match &sig.output {
            ReturnType::Default => Ty::Void,
            ReturnType::Type(_, ty) => self.types.resolve(ty)?,
        };
        Ok(FunctionType {
            abi: function.item.abi.clone(),
            params,
            result,
            variadic: sig.variadic.is_some(),
        })
    }

    /// What to say if the signatures differ: all that differs, since a
    /// difference that is let pass must not cover another one.
    fn explain(
        &self,
        function: &Declared<Function>,
        c: &CFunction,
        ty: &FunctionType,
    ) -> Finding {
        let subject = super::subject(function, Some(&c.decl));
        if let Some((what, so)) = self.other_shape(ty, c) {
            let again = c.inline && function.item.body.is_some();
            let so = if again && !self.all.exports {
                "Rust calls its own function: it is another one than C's"
            } else {
                so
            };
            return subject.finding(Kind::Signature, what, so);
        }
        let mut found = self.other_parameters(function, c, ty);
        found.extend(self.other_result(function, c, ty));
        found.sort_by_key(|one| one.differs.letter);
        let all: Vec<&str> = found.iter().map(|one| &*one.what).collect();
        let all = all.join("; ");
        let swapped = self.swapped(&found, c, ty).unwrap_or_default();
        let Some(first) = found.into_iter().next() else {
            let rust = subject.rust.as_ref().map(|side| &*side.text.text);
            let what = format!(
                "the compiler says that the types differ: {} in Rust, {} in C",
                rust.unwrap_or_default(),
                c.decl.text(None).text
            );
            let so = "caller and function disagree on what is passed";
            return subject.finding(Kind::Signature, what, so);
        };
        let so = first.differs.so + swapped;
        Finding {
            rust: Some(first.rust),
            c: Some(first.c),
            ..subject.finding(Kind::Signature, all, so)
        }
    }

    /// Whether there are more parameters, or fewer.
    fn other_shape(
        &self,
        ty: &FunctionType,
        c: &CFunction,
    ) -> Option<(String, &'static str)> {
        let (here, there) = (ty.params.len(), c.ty.params.len());
        if here != there {
            let so = match (self.all.exports, here < there) {
                (false, true) => {
                    "C reads an argument that Rust does not pass: what the \
                     register held"
                }
                (false, false) => {
                    "Rust passes an argument that C does not read"
                }
                (true, true) => "C passes an argument that Rust does not read",
                (true, false) => {
                    "Rust reads an argument that C does not pass: what the \
                     register held"
                }
            };
            let what = format!("{here} parameters in Rust, {there} in C");
            return Some((what, so));
        }
        let (what, so) = match (ty.variadic, c.ty.variadic) {
            (false, true) => (
                "variadic in C, and not in Rust",
                "no further arguments can be passed, and C is not told how \
                 many are in vector registers",
            ),
            (true, false) => (
                "variadic in Rust, and not in C",
                "what is passed beyond the parameters is never read",
            ),
            _ => return None,
        };
        Some((what.to_owned(), so))
    }

    fn other_parameters(
        &self,
        function: &Declared<Function>,
        c: &CFunction,
        ty: &FunctionType,
    ) -> Vec<Part> {
        let inputs = function.item.sig.inputs.iter();
        let pairs = inputs.zip(&ty.params).zip(&c.ty.params);
        let mut found = vec![];
        for (at, ((input, ty), of_c)) in pairs.enumerate() {
            let FnArg::Typed(input) = input else {
                continue;
            };
            let text = written(&input.ty);
            let differs = self.types.differ(ty, &text, of_c, Position::Param);
            let Some(differs) = differs else { continue };
            let name = written(&input.pat);
            found.push(Part {
                at: Some(at),
                what: format!(
                    "parameter {} `{name}`: {}",
                    at + 1,
                    differs.what
                ),
                differs,
                rust: rust_side(function, Some(&input.ty)),
                c: Side {
                    place: c.decl.place.clone(),
                    text: c.marked(at),
                },
            });
        }
        found
    }

    fn other_result(
        &self,
        function: &Declared<Function>,
        c: &CFunction,
        ty: &FunctionType,
    ) -> Option<Part> {
        let output = &function.item.sig.output;
        let text = match output {
            ReturnType::Default => "()".to_owned(),
            ReturnType::Type(_, ty) => written(ty),
        };
        let (here, there) = (&ty.result, &c.ty.result);
        let differs =
            self.types.differ(here, &text, there, Position::Result)?;
        Some(Part {
            at: None,
            what: format!("the result: {}", differs.what),
            differs,
            rust: match output {
                ReturnType::Default => rust_side(function, None),
                ReturnType::Type(_, ty) => rust_side(function, Some(ty)),
            },
            c: marked(c_side(&c.decl), &there.spelled),
        })
    }

    /// Whether two parameters differ, and would not in each other's place.
    fn swapped(
        &self,
        found: &[Part],
        c: &CFunction,
        ty: &FunctionType,
    ) -> Option<&'static str> {
        let [Part { at: Some(a), .. }, Part { at: Some(b), .. }] = found else {
            return None;
        };
        let fits = |rust: usize, there: usize| {
            let (ty, c) = (&ty.params[rust], &c.ty.params[there]);
            self.types.differ(ty, "", c, Position::Param).is_none()
        };
        let both = fits(*a, *b) && fits(*b, *a);
        both.then_some("; in each other's place, the two would be right")
    }

    pub(super) fn statics(&mut self) {
        let all = self.all;
        for item in &all.statics {
            if item.item.defined != self.all.exports {
                continue; // the other side's
            }
            if self.skips(Class::Variables, &item.name) {
                continue;
            }
            self.variable(item);
        }
    }

    /// What the linker gives for it.
    fn variable_symbol(
        &mut self,
        item: &Declared<Static>,
        c: &CVariable,
        symbol: &str,
        subject: &Subject,
    ) {
        let own = self.header.variables.contains_key(&item.name);
        if own && c.decl.name != item.name {
            self.drift(subject.clone().finding(
                Kind::Symbol,
                format!("it links to {symbol}"),
                "another variable of the library is read by this name",
            ));
        }
        if c.symbol != symbol {
            self.drift(subject.clone().finding(
                Kind::Symbol,
                format!("Rust links to {symbol}, and C to {}", c.symbol),
                "Rust reads another variable than C by this name, or does not \
                 link: it needs link_name",
            ));
        }
        if c.thread_local {
            self.drift(subject.clone().finding(
                Kind::Symbol,
                "each thread has its own in C, and Rust takes it for one",
                "the linker refuses it, or Rust reads at an address that is \
                 none: read it by a function of C's",
            ));
        }
        if !self.is_in_library(symbol) {
            self.letter(subject.clone().finding(
                Kind::Symbol,
                format!("the library does not export {symbol}"),
                "its address does not link",
            ));
        }
    }

    fn variable(&mut self, item: &Declared<Static>) {
        let header = self.header;
        let own = header.variables.get(&item.name);
        let subject = super::subject(item, own.map(|own| &own.decl));
        let symbol = match &item.item.symbol {
            Symbol::Name(name) => name.clone(),
            Symbol::Unknown => item.name.clone(),
        };
        self.bound.insert(item.name.clone());
        let mut linked = header.variables.values();
        let linked = linked.rfind(|c| c.symbol == symbol);
        let Some(c) = linked.or(header.variables.get(&symbol)) else {
            self.letter(subject.finding(
                Kind::Extra,
                format!("the header declares no variable {symbol}"),
                "its address is that of whatever has the name, or it does \
                 not link",
            ));
            return;
        };
        self.variable_symbol(item, c, &symbol, &subject);
        let ty = match self.types.resolve(&item.item.ty) {
            Ok(ty) => ty,
            Err(why) => {
                self.unchecked(&item.name, item.origin.place(), &why);
                return;
            }
        };
        self.nullable(&ty, &subject, false);
        self.writable_variable(item, c, &subject);
        self.variable_type(item, &ty, c, subject);
    }

    /// Whether both sides may write it.
    fn writable_variable(
        &mut self,
        item: &Declared<Static>,
        c: &CVariable,
        subject: &Subject,
    ) {
        let is_const = is_read_only(&c.ty);
        if is_const != item.item.mutable {
            return;
        }
        let (what, so) = if is_const {
            (
                "static mut in Rust, const in C",
                "a write to it faults: it lies in read-only memory",
            )
        } else {
            (
                "static in Rust, and not const in C",
                "C changes it, and Rust assumes that it does not change",
            )
        };
        self.drift(subject.clone().finding(Kind::Type, what, so));
    }

    fn variable_type(
        &mut self,
        item: &Declared<Static>,
        ty: &Ty,
        c: &CVariable,
        mut subject: Subject,
    ) {
        let shown = written(&item.item.ty);
        let differs = self.types.differ(ty, &shown, &c.ty, Position::Memory);
        let differs = differs.unwrap_or_else(|| {
            let what = "the compiler says that the types differ".to_owned();
            let so = "Rust reads something else than the library has";
            Difference::unknown(what, so)
        });
        subject.rust = Some(rust_side(item, Some(&item.item.ty)));
        let finding = subject.finding(Kind::Type, differs.what, differs.so);
        // An array without a length is one of any, to the compiler.
        let flexible = matches!(c.ty.kind, CKind::Flexible(_));
        if flexible && !matches!(ty, Ty::Array(_, 0)) {
            self.count("variables");
            self.drift(finding);
            return;
        }
        let text = |types: &Types<'_>| {
            let text = types.c_text(ty, Some(&c.ty))?;
            let konst = if is_read_only(&c.ty) { "const " } else { "" };
            let volatile = if c.ty.is_volatile { "volatile " } else { "" };
            let text = format!("{konst}{volatile}__typeof__({text})");
            Ok(Self::same(&c.decl.name, &text))
        };
        self.ask_counted("variables", item.origin.place(), text, finding);
    }
}

/// Whether an inline function is written again in Rust, which alone calls it.
fn is_written_again(function: &Declared<Function>, c: &CFunction) -> bool {
    let Function { body, symbol, .. } = &function.item;
    c.inline && body.is_some() && symbol.is_none()
}

/// Whether C cannot write a variable of type `ty`.
fn is_read_only(ty: &CType) -> bool {
    match &ty.kind {
        CKind::Array(element, _) | CKind::Flexible(element) => element.is_const,
        _ => ty.is_const,
    }
}
