// SPDX-License-Identifier: MIT OR Apache-2.0
//! Constants, and macros with arguments.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{Display, Write as _};

use syn::FnArg;

use super::{Planner, Subject, written};
use crate::plan::types::Ty;
use crate::read::eval::{IntType, Value};
use crate::read::header::{CKind, CMacro, CType, Stands};
use crate::read::items::{Constant, Declared, Function};
use crate::read::rules::Class;
use crate::report::{Finding, Kind, Level};

/// An integer type, and how C writes it.
type Integer = (IntType, String);

/// A call of a function and of a macro.
struct Sample {
    question: String,
    /// In C.
    call: String,
    /// What Rust's function returns.
    expected: i128,
}

/// What comes of two constants that differ.
const OTHER_VALUE: &str = "the two sides use different values";

impl Planner<'_> {
    pub(super) fn constants(&mut self) {
        let all = self.all;
        for constant in all.constants.values() {
            if !self.skips(Class::Constants, &constant.name) {
                self.constant(constant);
            }
        }
    }

    pub(super) fn constant(&mut self, constant: &Declared<Constant>) {
        let header = self.header;
        let name = &constant.name;
        let decl = header.find(name);
        let subject = super::subject(constant, decl);
        let item = &constant.item;
        if header.enumerators.contains_key(name) {
            self.bound.insert(name.clone());
            let value =
                self.types.eval.value(&item.value, Some(&item.ty), None);
            self.number(constant, &value, None, &subject, "enumerators");
            return;
        }
        if !header.macros.contains_key(name) && self.enum_constant(constant) {
            return;
        }
        let Some(found) = header.macros.get(name) else {
            self.no_macro(constant, subject);
            return;
        };
        self.bound.insert(name.clone());
        let value = self.types.eval.value(&item.value, Some(&item.ty), None);
        match &found.stands {
            Stands::Expression(ty) => {
                let ty = (ty, found.literal);
                self.expression(constant, &value, ty, subject);
            }
            Stands::Initialiser => {
                self.initialiser(constant, value, &subject);
            }
            _ => self.unchecked(
                name,
                constant.origin.place(),
                "a macro that is not an expression by itself",
            ),
        }
    }

    /// A constant that is neither macro nor enumerator in C.
    fn no_macro(&mut self, constant: &Declared<Constant>, subject: Subject) {
        let name = &constant.name;
        if subject.c.is_some() {
            self.bound.insert(name.clone());
            let why = "a constant in Rust, and neither macro nor enumerator \
                       in C";
            self.unchecked(name, constant.origin.place(), why);
            return;
        }
        if !constant.public {
            return;
        }
        if !self.all.exports && !self.looks_like_the_headers(name) {
            let why = "a constant of Rust's own: the header has none of this \
                       name";
            self.alone(name, constant.origin.place(), why);
            return;
        }
        let value = self.types.eval.value(&constant.item.value, None, None);
        if self.all.exports && value.is_err() {
            return; // Rust's own
        }
        self.letter(subject.finding(
            Kind::Extra,
            "the header has no constant of this name",
            "there is nothing to compare its value with",
        ));
    }

    /// What the constant `name` is on each side.
    pub(super) fn values(&self, rust: impl Display, name: &str) -> String {
        let rust = rust.to_string();
        match self.header.value(name) {
            // The value depends on the compiler.
            Some(c) if c == rust => {
                format!("{rust} in Rust and for clang, and not for cc")
            }
            Some(c) => format!("{rust} in Rust, {c} in C"),
            None => format!("{rust} in Rust, and not in C"),
        }
    }

    /// Whether `name` begins as names of the header do, up to the first `_`:
    /// then it was one of the header's once, or is meant to be.
    fn looks_like_the_headers(&self, name: &str) -> bool {
        let Some((prefix, _)) = name.split_once('_') else {
            return false;
        };
        let enums = self.header.enums.values().flat_map(|e| &e.constants);
        let macros = self.header.macros.values().map(|m| &m.decl);
        let mut own = macros.chain(enums).filter(|decl| decl.own);
        !prefix.is_empty()
            && own.any(|decl| {
                let other = decl.name.split_once('_');
                other.is_some_and(|(other, _)| other == prefix)
            })
    }

    fn expression(
        &mut self,
        constant: &Declared<Constant>,
        value: &Result<Value, String>,
        (ty, literal): (&CType, bool),
        subject: Subject,
    ) {
        let (name, item) = (&constant.name, &constant.item);
        let (rust, question) = match value {
            Ok(Value::Text(bytes, nul)) => {
                self.text(constant, bytes, *nul, ty, subject);
                return;
            }
            Ok(Value::Float(number)) => {
                (number.clone(), self.float_equals(name, number, &item.ty))
            }
            Ok(Value::Null) => ("NULL".to_owned(), format!("({name}) == 0")),
            Ok(Value::Int(value, _)) if self.is_address(&item.ty) => {
                let number = "__UINTPTR_TYPE__";
                let question =
                    format!("({number})({name}) == ({number}){value}LL");
                (value.to_string(), question)
            }
            _ => {
                // What a literal's suffix says is not what it is used as.
                let ty = Some(ty).filter(|_| !literal);
                self.number(constant, value, ty, &subject, "constants");
                return;
            }
        };
        self.count("constants");
        let what = self.values(rust, name);
        self.ask(question, subject.finding(Kind::Value, what, OTHER_VALUE));
    }

    /// Whether `name` is a macro by which the system's headers know compilers,
    /// and `value` is right for one of them.
    fn is_compilers_own(&self, name: &str, value: i128) -> bool {
        let own = self.header.find(name).is_none_or(|decl| decl.own);
        let clang = self.header.value(name);
        !own && name.starts_with("__") && clang == Some(value.to_string())
    }

    /// Whether `name` is `number`, as what Rust keeps it in.
    fn float_equals(&self, name: &str, number: &str, ty: &syn::Type) -> String {
        if self.types.resolve(ty) == Ok(Ty::Float(32)) {
            format!("(float)({name}) == (float){number}")
        } else {
            format!("({name}) == {number}")
        }
    }

    /// An integer; of an enumerator the type is not compared.
    fn number(
        &mut self,
        constant: &Declared<Constant>,
        value: &Result<Value, String>,
        ty: Option<&CType>,
        subject: &Subject,
        what: &'static str,
    ) {
        let (name, item) = (&constant.name, &constant.item);
        let value = match value {
            Ok(Value::Int(value, _)) => *value,
            Ok(Value::Bool(value)) => (*value).into(),
            Ok(_) => {
                let why = "a value that no C expression can have";
                return self.unchecked(name, subject.place(), why);
            }
            Err(why) => return self.unchecked(name, subject.place(), why),
        };
        self.count(what);
        let mut finding = subject.clone().finding(
            Kind::Value,
            self.values(value, name),
            OTHER_VALUE,
        );
        if self.is_compilers_own(name, value) {
            finding.level = Level::Note;
        }
        let int = self.types.eval.int_type(&item.ty, None);
        self.ask_number(name, value, int, finding);
        let Some(ty) = ty else {
            return;
        };
        match self.types.resolve(&item.ty) {
            Ok(here) => self.number_type(constant, &here, int, ty, subject),
            Err(why) => self.unchecked(name, subject.place(), &why),
        }
    }

    fn is_address(&self, ty: &syn::Type) -> bool {
        let ty = self.types.resolve(ty);
        matches!(ty, Ok(Ty::Pointer { .. } | Ty::Function(..)))
    }

    /// Whether `name` is `value`. Two numbers of the same bits and of the same
    /// width, one with a sign and one without, differ by the letter.
    fn ask_number(
        &mut self,
        name: &str,
        value: i128,
        int: Option<IntType>,
        finding: Finding,
    ) {
        let same = int.filter(|(bits, _)| *bits <= 64).map(|(bits, _)| {
            let low = value & ((1_i128 << bits) - 1);
            let mask = u64::MAX >> (64 - bits);
            format!(
                "sizeof({name}) * 8 == {bits} \
                 && ((unsigned long long)({name}) & {mask}ULL) == {low}ULL"
            )
        });
        self.ask_value(Self::equal(name, value), same, finding);
    }

    /// A literal without a suffix is an `int` only because C has nothing
    /// smaller: any integer type that holds it will do. Of anything else the
    /// sign has to be C's, and there have to be as many bits.
    fn number_type(
        &mut self,
        constant: &Declared<Constant>,
        resolved: &Ty,
        int: Option<IntType>,
        c: &CType,
        subject: &Subject,
    ) {
        let (Some((bits, signed)), CKind::Int(of, c_signed)) = (int, &c.kind)
        else {
            return;
        };
        if of == "int" || of == "char" {
            return;
        }
        let roomy = u64::from(bits) > c.size.unwrap_or(0) * 8;
        let same_sign = signed == *c_signed;
        let so = other_number(same_sign, roomy);
        let shown = written(&constant.item.ty);
        let what = format!("{shown} in Rust, {} in C", c.spelled);
        let mut finding = subject.clone().finding(Kind::Type, what, so);
        if same_sign && roomy {
            self.note(finding);
            return;
        }
        // The value is compared by itself.
        finding.level = Level::Letter;
        let name = &constant.name;
        match self.types.c_text(resolved, Some(c)) {
            Ok(text) => self.ask_value(
                format!(
                    "_Generic(({name}), __typeof__({text}): 1, default: 0)"
                ),
                Some(format!("sizeof({name}) * 8 == {bits}")),
                finding,
            ),
            Err(why) => self.unchecked(name, subject.place(), &why),
        }
    }

    fn text(
        &mut self,
        constant: &Declared<Constant>,
        bytes: &[u8],
        nul: bool,
        ty: &CType,
        subject: Subject,
    ) {
        self.count("constants");
        if !matches!(ty.kind, CKind::Pointer(_)) {
            let what = format!("text in Rust, {} in C", ty.spelled);
            self.drift(subject.finding(Kind::Type, what, OTHER_VALUE));
            return;
        }
        let shown = written(&constant.item.ty);
        if !nul && !shown.contains("str") && !bytes.ends_with(b"\0") {
            self.note(subject.clone().finding(
                Kind::Type,
                "bytes without the NUL that C has behind them",
                "none, unless it is passed to C as a string",
            ));
        }
        // A &str may have it too.
        let bytes = bytes.strip_suffix(b"\0").unwrap_or(bytes);
        let name = &constant.name;
        let rust = format!("\"{}\"", bytes.escape_ascii());
        let what = self.values(rust, name);
        let finding = subject.finding(Kind::Value, what, OTHER_VALUE);
        self.ask(is_text(name, bytes), finding);
    }

    /// `{ ... }` against a constant struct: both are made in C, and compared
    /// field by field.
    fn initialiser(
        &mut self,
        constant: &Declared<Constant>,
        value: Result<Value, String>,
        subject: &Subject,
    ) {
        let (name, item) = (&constant.name, &constant.item);
        let place = constant.origin.place();
        let (fields, owner) = match self.struct_value(item, value) {
            Ok(known) => known,
            Err(why) => return self.unchecked(name, place, &why),
        };
        let Some((_, record, text)) = self.header.record(&owner) else {
            self.unchecked(name, place, "of a struct that C does not have");
            return;
        };
        self.count("initialisers, field by field");
        for (field, value) in &fields {
            let found = record.fields.iter().find(|f| f.decl.name == *field);
            let test = if found.is_some() {
                self.field_equals(&format!("c.{field}"), value)
            } else {
                self.bits_equal(&owner, record, value)
            };
            match test {
                Ok(test) => {
                    let body = format!("{text} c = {name}; return {test};");
                    self.ask_field(body, field, subject.clone());
                }
                Err(why) => {
                    let item = format!("{name}.{field}");
                    self.unchecked(&item, place.clone(), &why);
                }
            }
        }
    }

    /// The fields of a constant struct, and what the struct is called.
    fn struct_value(
        &self,
        item: &Constant,
        value: Result<Value, String>,
    ) -> Result<(BTreeMap<String, Value>, String), String> {
        let ty = self.types.resolve(&item.ty);
        match (value?, ty?) {
            (Value::Struct(fields), Ty::Named(owner)) => Ok((fields, owner)),
            _ => Err("no struct with known fields".to_owned()),
        }
    }

    /// Ask whether the field `field` of an initialiser is the same.
    fn ask_field(&mut self, body: String, field: &str, mut subject: Subject) {
        subject.rust = subject.rust.map(|side| super::marked(side, field));
        let finding = subject.finding(
            Kind::Value,
            format!("its field {field} is something else in C"),
            "what starts with it starts differently on each side",
        );
        self.ask_running(body, finding);
    }

    fn field_equals(&self, c: &str, value: &Value) -> Result<String, String> {
        Ok(match value {
            Value::Int(value, _) => {
                // The sign is the field's, and is compared elsewhere.
                format!("({c} == (__typeof__({c})){value}LL)")
            }
            Value::Bool(value) => format!("({c} == {})", u8::from(*value)),
            Value::Null => format!("({c} == 0)"),
            Value::SizeOf(ty) => {
                let (_, _, text) = self
                    .header
                    .record(ty)
                    .ok_or_else(|| format!("the size of {ty}"))?;
                format!("({c} == sizeof({text}))")
            }
            Value::Array(values) => {
                let first = values.first();
                if values.iter().any(|value| Some(value) != first) {
                    return Err("an array of different values".to_owned());
                }
                let Some(first) = first else {
                    return Ok("1".to_owned());
                };
                let all: Vec<String> = (0..values.len())
                    .map(|at| self.field_equals(&format!("{c}[{at}]"), first))
                    .collect::<Result<_, _>>()?;
                format!("({})", all.join(" && "))
            }
            Value::Text(..) | Value::Float(_) | Value::Struct(_) => {
                return Err("a value that is not supported".to_owned());
            }
        })
    }

    /// An integer that carries C's bitfields.
    fn bits_equal(
        &self,
        owner: &str,
        record: &crate::read::header::CRecord,
        value: &Value,
    ) -> Result<String, String> {
        let Value::Int(value, _) = value else {
            return Err("bits that are no number".to_owned());
        };
        let mut tests = vec![];
        for field in record.fields.iter().filter(|f| f.bits.is_some()) {
            let name = &field.decl.name;
            let constant = format!("{name}_MASK");
            let mask = self.all.associated.iter().find(|(of, constant_)| {
                of == owner && constant_.name.eq_ignore_ascii_case(&constant)
            });
            let mask = mask.and_then(|(_, constant)| {
                let item = &constant.item;
                let ty = Some(&item.ty);
                match self.types.eval.value(&item.value, ty, Some(owner)) {
                    Ok(Value::Int(mask, _)) => Some(mask),
                    _ => None,
                }
            });
            let mask = mask
                .filter(|mask| *mask > 0)
                .ok_or("a bitfield without a mask")?;
            let bits = (value & mask) >> mask.trailing_zeros();
            tests.push(format!("c.{name} == {bits}"));
        }
        Ok(format!("({})", tests.join(" && ")))
    }

    /// A macro with arguments, and the function that Rust has for it: they
    /// come to the same for a sample of arguments.
    pub(super) fn macro_function(&mut self, function: &Declared<Function>) {
        let header = self.header;
        let name = &function.name;
        let Some(CMacro { decl, stands, .. }) = header.macros.get(name) else {
            return;
        };
        self.bound.insert(name.clone());
        let subject = super::subject(function, Some(decl));
        let place = function.origin.place();
        let count = match stands {
            Stands::Arguments(count) => count,
            Stands::Other => {
                let why = "a function in Rust, and a macro in C that is no \
                           number: what it does is not compared";
                return self.unchecked(name, place, why);
            }
            _ => {
                let why = "a function in Rust, a value in C";
                return self.unchecked(name, place, why);
            }
        };
        let inputs = function.item.sig.inputs.len();
        if *count != inputs {
            let what = format!("{inputs} parameters in Rust, {count} in C");
            let so = "another macro than the header's";
            self.drift(subject.finding(Kind::Signature, what, so));
            return;
        }
        let Some(types) = self.integers(function) else {
            let why = "a parameter that is no integer: a macro has no types \
                       to compare";
            self.unchecked(name, place, why);
            return;
        };
        let all = samples(&types);
        let asked: Vec<_> = all
            .iter()
            .filter_map(|arguments| self.sample(name, arguments, &types))
            .collect();
        if asked.is_empty() {
            let why = "a function whose body is not understood, for a macro";
            self.unchecked(name, place, why);
        } else {
            self.count("macros with arguments, by sample");
        }
        self.ask_samples(asked, &subject);
    }

    /// The types of a function's parameters, if all are integers.
    fn integers(&self, function: &Declared<Function>) -> Option<Vec<Integer>> {
        let inputs = function.item.sig.inputs.iter();
        inputs
            .map(|input| {
                let FnArg::Typed(input) = input else {
                    return None;
                };
                let int = self.types.eval.int_type(&input.ty, None)?;
                let ty = self.types.resolve(&input.ty).ok()?;
                Some((int, self.types.c_text(&ty, None).ok()?))
            })
            .collect()
    }

    /// A call of the function `name`, if it is known what it comes to.
    fn sample(
        &self,
        name: &str,
        arguments: &[i128],
        types: &[Integer],
    ) -> Option<Sample> {
        let all = arguments.iter().zip(types);
        let text = all.clone().map(|(value, (_, ty))| format!("({ty}){value}"));
        let text: Vec<String> = text.collect();
        let values =
            all.map(|(value, (int, _))| Value::Int(*value, Some(*int)));
        let values: Vec<Value> = values.collect();
        let call = format!("{name}({})", text.join(", "));
        let (question, expected) = match self.types.eval.call(name, &values) {
            Ok(Value::Int(value, _)) => (Self::equal(&call, value), value),
            // Any number but 0 is true in C.
            Ok(Value::Bool(value)) => {
                let not = if value { "!!" } else { "!" };
                (format!("{not}({call})"), value.into())
            }
            _ => return None,
        };
        Some(Sample {
            question,
            call,
            expected,
        })
    }

    /// One finding is enough.
    fn ask_samples(&mut self, samples: Vec<Sample>, subject: &Subject) {
        let mut before: Vec<String> = vec![];
        for sample in samples {
            let Sample {
                question,
                call,
                expected,
            } = sample;
            let finding = subject.clone().finding(
                Kind::Value,
                format!("{call} is {expected} in Rust, and not in C"),
                "the function is not the macro",
            );
            // Those that were asked before have to hold for this to matter.
            let earlier = before.iter().map(|asked| format!("!({asked})"));
            let earlier: Vec<String> = earlier.collect();
            let all = [earlier, vec![format!("({question})")]].concat();
            self.ask(all.join(" || "), finding);
            before.push(question);
        }
    }
}

/// What comes of a number whose type is another one than C's: `roomy` if it has
/// more bits.
fn other_number(same_sign: bool, roomy: bool) -> &'static str {
    match (same_sign, roomy) {
        (true, true) => {
            "none: the value is the same, and what is computed with it has \
             more room"
        }
        (true, false) => "what is computed with it overflows sooner",
        (false, _) => "it is compared, widened and shifted as another number",
    }
}

/// Whether the macro `name` is the text `bytes`.
fn is_text(name: &str, bytes: &[u8]) -> String {
    let escaped: String = bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "\\{byte:03o}");
        text
    });
    let len = bytes.len();
    // Of a text with a NUL inside only the literal itself tells the end.
    let length = if bytes.contains(&0) {
        format!("sizeof({name}) == {}", len + 1)
    } else {
        format!("__builtin_strlen((const char *)({name})) == {len}")
    };
    format!(
        "{length} && __builtin_memcmp((const char *)({name}), \
         \"{escaped}\", {}) == 0",
        len + 1
    )
}

/// Arguments to try: every parameter takes every value once.
fn samples(types: &[Integer]) -> Vec<Vec<i128>> {
    const VALUES: [i128; 6] = [0, 1, 2, 3, 7, -1];
    let mut all = BTreeSet::new();
    for (at, value) in VALUES.iter().enumerate() {
        for turn in 0..types.len().max(1) {
            let row: Vec<i128> = types
                .iter()
                .enumerate()
                .map(|(index, ((_, signed), _))| {
                    let value = if index == turn {
                        *value
                    } else {
                        VALUES[(at + 1 + index) % VALUES.len()]
                    };
                    if *signed { value } else { value.abs() }
                })
                .collect();
            all.insert(row);
        }
    }
    all.into_iter().collect()
}
