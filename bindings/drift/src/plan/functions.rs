// SPDX-License-Identifier: MIT OR Apache-2.0
//! Functions and variables.

use syn::{FnArg, ReturnType};

use super::{Planner, Subject, c_side, marked, rust_side, written};
use crate::differ::Position;
use crate::header::{CFunction, CKind, CVariable, Convention};
use crate::report::{Finding, Kind, Side};
use crate::rust::{Declared, Function, Static, Symbol};
use crate::types::{FunctionType, Ty};

impl Planner<'_> {
    pub(super) fn functions(&mut self) {
        let all = self.all;
        for function in &all.functions {
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
        let symbol = if let Some(Symbol::Name(name)) = &function.item.symbol {
            name.clone()
        } else {
            let place = function.origin.place();
            self.unchecked(
                &function.name,
                place,
                "its link_name is computed in a way that is not \
                 understood; its signature is compared by its name",
            );
            function.name.clone()
        };
        let decl = own.map(|own| &own.decl);
        let subject = self.subject(function, decl);
        self.bound.insert(function.name.clone());
        let Some(c) = header.linked(&symbol, &function.name) else {
            if let Some(c) = header.functions.get(&symbol) {
                // C gives it another symbol: `__asm__("...")`.
                self.bound.insert(symbol.clone());
                self.drift(subject.finding(
                    Kind::Symbol,
                    format!("Rust links to {symbol}, and C to {}", c.symbol),
                    "Rust calls another function than C calls by this name, \
                     or does not link: it needs link_name",
                ));
                self.signature(function, c, "functions");
                return;
            }
            let what = if symbol == function.name {
                let exported = self.options.exported.as_ref();
                let known = exported.is_some_and(|all| all.contains(&symbol));
                let but = if known {
                    ", though the library exports it"
                } else {
                    ""
                };
                format!("the header declares no such function{but}")
            } else {
                format!("it links to {symbol}, which the header lacks")
            };
            self.drift(subject.finding(
                Kind::Extra,
                what,
                "a call reaches another function of that name, or does not link",
            ));
            // By its own name, all the same.
            if let Some(own) = own {
                self.signature(function, own, "functions");
            }
            return;
        };
        if own.is_some() && c.decl.name != function.name {
            self.drift(subject.clone().finding(
                Kind::Symbol,
                format!("it links to {symbol}"),
                "another function of the library is called by this name",
            ));
        }
        self.bound.insert(c.decl.name.clone());
        if c.inline {
            self.drift(subject.clone().finding(
                Kind::Symbol,
                "an inline function of the header, declared as a library's",
                "it is in no library: a call does not link",
            ));
        }
        let exported = self.options.exported.as_ref();
        if !c.inline && exported.is_some_and(|all| !all.contains(&symbol)) {
            self.drift(subject.finding(
                Kind::Symbol,
                format!("the library does not export {symbol}"),
                "a call does not link",
            ));
        }
        self.signature(function, c, "functions");
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
        let sig = &function.item.sig;
        let subject = self.subject(function, Some(&c.decl));
        // An inline function that is written again is called by Rust alone.
        let again = c.inline && function.item.body.is_some();
        let convention = self.types.convention(&function.item.abi);
        if convention != Some(c.ty.convention)
            && c.ty.convention != Convention::Other
            && !(again && function.item.symbol.is_none())
        {
            let abi = &function.item.abi;
            let mut subject = subject.clone();
            subject.rust = subject
                .rust
                .map(|side| marked(side, &sig.ident.to_string()));
            self.drift(subject.finding(
                Kind::Abi,
                format!("ABI \"{abi}\""),
                "C has its own convention: registers and stack disagree \
                 wherever the two are not the same",
            ));
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
        // What C gives, and what Rust's function pointers then hold.
        let exports = self.all.exports;
        self.nullable(&ty.result, &subject, exports);
        for param in &ty.params {
            self.nullable(param, &subject, !exports);
        }
        if exports {
            self.given(function, &ty, &subject);
        }
        self.noreturn(function, c, &ty);
        let finding = self.explain(function, c, &ty);
        // How it is called has been said.
        let ty = FunctionType { abi: named, ..ty };
        let name = &c.decl.name;
        let asked = self.ask_type(
            |types| {
                let text = types.function_text(&ty, Some(&c.ty))?;
                Ok(format!(
                    "_Generic(&({name}), __typeof__({text}): 1, default: 0)"
                ))
            },
            finding,
        );
        match asked {
            Ok(()) => self.count(what),
            Err(why) => {
                let place = function.origin.place();
                self.unchecked(&function.name, place, &why);
            }
        }
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
        let subject = self.subject(function, Some(&c.decl));
        let never = ty.result == Ty::Never;
        if self.all.exports {
            if c.noreturn && !never {
                self.drift(subject.finding(
                    Kind::Signature,
                    "C says that it never returns, and Rust does not",
                    "if it returns, C runs code that was not meant to follow",
                ));
            }
        } else if never && !c.noreturn {
            self.drift(subject.finding(
                Kind::Signature,
                "it never returns in Rust, and C does not say so",
                "if C returns, Rust runs code that was not meant to follow",
            ));
        } else if c.noreturn && !never {
            self.note(subject.finding(
                Kind::Signature,
                "C says that it never returns",
                "none: the call simply never returns",
            ));
        }
    }

    fn signature_type(
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

    /// What to say if the signatures differ.
    fn explain(
        &self,
        function: &Declared<Function>,
        c: &CFunction,
        ty: &FunctionType,
    ) -> Finding {
        let sig = &function.item.sig;
        let subject = self.subject(function, Some(&c.decl));
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
            return subject.finding(Kind::Signature, what, so);
        }
        if ty.variadic != c.ty.variadic {
            let (what, so) = if c.ty.variadic {
                (
                    "variadic in C, and not in Rust",
                    "no further arguments can be passed, and C is not told \
                     how many are in vector registers",
                )
            } else {
                (
                    "variadic in Rust, and not in C",
                    "what is passed beyond the parameters is never read",
                )
            };
            return subject.finding(Kind::Signature, what, so);
        }
        let inputs = sig.inputs.iter();
        let pairs = inputs.zip(&ty.params).zip(&c.ty.params);
        let mut found = vec![];
        for (at, ((input, ty), c)) in pairs.enumerate() {
            let FnArg::Typed(input) = input else {
                continue;
            };
            let text = written(&input.ty);
            let differs = self.types.differ(ty, &text, c, Position::Param);
            if let Some(differs) = differs {
                found.push((at, input, differs));
            }
        }
        found.sort_by_key(|(_, _, differs)| differs.letter);
        if let Some((at, input, differs)) = found.first() {
            let name = written(&input.pat);
            let what =
                format!("parameter {} `{name}`: {}", at + 1, differs.what);
            let so = if found.len() == 2 {
                // Each is what C has in the place of the other.
                format!(
                    "{} (parameter {} differs too: are they swapped?)",
                    differs.so,
                    found[1].0 + 1
                )
            } else {
                differs.so.clone()
            };
            return Finding {
                rust: Some(rust_side(function, Some(&input.ty))),
                c: Some(Side {
                    place: c.decl.place.clone(),
                    text: c.marked(*at),
                }),
                ..subject.finding(Kind::Signature, what, so)
            };
        }
        let text = match &sig.output {
            ReturnType::Default => "()".to_owned(),
            ReturnType::Type(_, ty) => written(ty),
        };
        let result = &c.ty.result;
        let differs =
            self.types
                .differ(&ty.result, &text, result, Position::Result);
        if let Some(differs) = differs {
            let what = format!("the result: {}", differs.what);
            let rust = match &sig.output {
                ReturnType::Default => rust_side(function, None),
                ReturnType::Type(_, ty) => rust_side(function, Some(ty)),
            };
            let c = marked(c_side(&c.decl), &c.ty.result.spelled);
            return Finding {
                rust: Some(rust),
                c: Some(c),
                ..subject.finding(Kind::Signature, what, differs.so)
            };
        }
        subject.finding(
            Kind::Signature,
            "the compiler says that the types differ",
            "caller and function disagree on what is passed",
        )
    }

    pub(super) fn statics(&mut self) {
        let all = self.all;
        for item in &all.statics {
            if item.item.defined != self.all.exports {
                continue; // the other side's
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
        let exported = self.options.exported.as_ref();
        if exported.is_some_and(|all| !all.contains(symbol)) {
            self.drift(subject.clone().finding(
                Kind::Symbol,
                format!("the library does not export {symbol}"),
                "its address does not link",
            ));
        }
    }

    fn variable(&mut self, item: &Declared<Static>) {
        let header = self.header;
        let own = header.variables.get(&item.name);
        let subject = self.subject(item, own.map(|own| &own.decl));
        let symbol = match &item.item.symbol {
            Symbol::Name(name) => name.clone(),
            Symbol::Unknown => item.name.clone(),
        };
        self.bound.insert(item.name.clone());
        let mut linked = header.variables.values();
        let linked = linked.rfind(|c| c.symbol == symbol);
        let Some(c) = linked.or(header.variables.get(&symbol)) else {
            self.drift(subject.finding(
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
        let is_const = match &c.ty.kind {
            CKind::Array(element, _) | CKind::Flexible(element) => {
                element.is_const
            }
            _ => c.ty.is_const,
        };
        if is_const == item.item.mutable {
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
        let text = written(&item.item.ty);
        let differs = self.types.differ(&ty, &text, &c.ty, Position::Memory);
        let (what, so) = differs.map_or(
            (
                "the compiler says that the types differ".to_owned(),
                "Rust reads something else than the library has".to_owned(),
            ),
            |found| (found.what, found.so),
        );
        let mut subject = subject;
        subject.rust = Some(rust_side(item, Some(&item.item.ty)));
        let finding = subject.finding(Kind::Type, what, so);
        // An array without a length is one of any, to the compiler.
        let flexible = matches!(c.ty.kind, CKind::Flexible(_));
        if flexible && !matches!(ty, Ty::Array(_, 0)) {
            self.count("variables");
            self.drift(finding);
            return;
        }
        let name = &c.decl.name;
        let asked = self.ask_type(
            |types| {
                let text = types.c_text(&ty, Some(&c.ty))?;
                let konst = if is_const { "const " } else { "" };
                let volatile = if c.ty.is_volatile { "volatile " } else { "" };
                let text = format!("{konst}{volatile}__typeof__({text})");
                Ok(Self::same(name, &text))
            },
            finding,
        );
        match asked {
            Ok(()) => self.count("variables"),
            Err(why) => {
                self.unchecked(&item.name, item.origin.place(), &why);
            }
        }
    }
}
