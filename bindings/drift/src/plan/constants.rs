// SPDX-License-Identifier: MIT OR Apache-2.0
//! Constants, and macros with arguments.

use std::collections::BTreeSet;
use std::fmt::{Display, Write as _};

use syn::FnArg;

use super::{Doubt, Planner, Subject, written};
use crate::ask::Question;
use crate::plan::types::Ty;
use crate::read::eval::{IntType, Value};
use crate::read::header::{CKind, CMacro, CType, Stands};
use crate::read::items::{Constant, Declared, Function};
use crate::read::rules::Class;
use crate::report::{Finding, Kind, Level};

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
            self.number(name, &value, None, item, subject, "enumerators");
            return;
        }
        if !header.macros.contains_key(name) && self.enum_constant(constant) {
            return;
        }
        let Some(found) = header.macros.get(name) else {
            if decl.is_some() {
                self.bound.insert(name.clone());
                let place = constant.origin.place();
                self.unchecked(
                    name,
                    place,
                    "a constant in Rust, and neither macro nor enumerator \
                     in C",
                );
            } else if constant.public {
                let value = self.types.eval.value(&item.value, None, None);
                if !self.all.exports && !self.looks_like_the_headers(name) {
                    let why = "a constant of Rust's own: the header has none \
                               of this name";
                    self.alone(name, constant.origin.place(), why);
                    return;
                }
                if self.all.exports && value.is_err() {
                    return; // Rust's own
                }
                self.letter(subject.finding(
                    Kind::Extra,
                    "the header has no constant of this name",
                    "there is nothing to compare its value with",
                ));
            }
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

    /// What the constant `name` is on each side.
    pub(super) fn values(&self, rust: impl Display, name: &str) -> String {
        match self.header.value(name) {
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
        match value {
            Ok(Value::Text(bytes, nul)) => {
                self.text(name, bytes, *nul, item, ty, subject);
            }
            Ok(Value::Float(number)) => {
                self.count("constants");
                let finding = subject.finding(
                    Kind::Value,
                    self.values(number, name),
                    "the two sides use different values",
                );
                self.ask(format!("({name}) == {number}"), finding);
            }
            Ok(Value::Null) => {
                self.count("constants");
                let finding = subject.finding(
                    Kind::Value,
                    self.values("NULL", name),
                    "the two sides use different values",
                );
                self.ask(format!("({name}) == 0"), finding);
            }
            Ok(Value::Int(value, _)) if self.is_address(&item.ty) => {
                self.count("constants");
                let finding = subject.finding(
                    Kind::Value,
                    self.values(value, name),
                    "the two sides use different values",
                );
                let number = "__UINTPTR_TYPE__";
                let question =
                    format!("({number})({name}) == ({number}){value}LL");
                self.ask(question, finding);
            }
            _ => {
                // What a literal's suffix says is not what it is used as.
                let ty = Some(ty).filter(|_| !literal);
                self.number(name, value, ty, item, subject, "constants");
            }
        }
    }

    /// An integer; of an enumerator the type is not compared.
    fn number(
        &mut self,
        name: &str,
        value: &Result<Value, String>,
        ty: Option<&CType>,
        item: &Constant,
        subject: Subject,
        what: &'static str,
    ) {
        let value = match value {
            Ok(Value::Int(value, _)) => *value,
            Ok(Value::Bool(value)) => (*value).into(),
            other => {
                let place = subject.rust.as_ref().map(|s| s.place.clone());
                let why = match other {
                    Err(why) => why.as_str(),
                    Ok(_) => "a value that no C expression can have",
                };
                self.unchecked(name, place.unwrap_or_default(), why);
                return;
            }
        };
        self.count(what);
        let finding = subject.clone().finding(
            Kind::Value,
            self.values(value, name),
            "the two sides use different values",
        );
        let int = self.types.eval.int_type(&item.ty, None);
        self.ask_number(name, value, int, finding);
        let Some(ty) = ty else {
            return;
        };
        let resolved = match self.types.resolve(&item.ty) {
            Ok(resolved) => resolved,
            Err(why) => {
                let place = subject.rust.map(|side| side.place);
                self.unchecked(name, place.unwrap_or_default(), &why);
                return;
            }
        };
        self.number_type(name, &resolved, int, ty, item, &subject);
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
            Question::Static(format!(
                "sizeof({name}) * 8 == {bits} \
                 && ((unsigned long long)({name}) & {mask}ULL) == {low}ULL"
            ))
        });
        self.plan.doubts.push(Doubt {
            question: Question::Static(Self::equal(name, value)),
            binary: same,
            finding,
        });
    }

    /// A literal without a suffix is an `int` only because C has nothing
    /// smaller: any integer type that holds it will do. Of anything else the
    /// sign has to be C's, and there have to be as many bits.
    fn number_type(
        &mut self,
        name: &str,
        resolved: &Ty,
        int: Option<IntType>,
        ty: &CType,
        item: &Constant,
        subject: &Subject,
    ) {
        let shown = written(&item.ty);
        let (Some((bits, signed)), CKind::Int(of, sign)) = (int, &ty.kind)
        else {
            return;
        };
        if of == "int" || of == "char" {
            return;
        }
        let c_bits = ty.size.unwrap_or(0) * 8;
        let what = format!("{shown} in Rust, {} in C", ty.spelled);
        if signed == *sign && u64::from(bits) > c_bits {
            self.note(subject.clone().finding(
                Kind::Type,
                what,
                "none: the value is the same, and what is computed with it \
                 has more room",
            ));
            return;
        }
        let so = if signed == *sign {
            "what is computed with it overflows sooner"
        } else {
            "it is compared, widened and shifted as another number"
        };
        // Its value is compared by itself.
        let mut finding = subject.clone().finding(Kind::Type, what, so);
        finding.level = Level::Letter;
        match self.types.c_text(resolved, Some(ty)) {
            // The value is the same, and so are its bits.
            Ok(text) => self.plan.doubts.push(Doubt {
                question: Question::Static(format!(
                    "_Generic(({name}), __typeof__({text}): 1, default: 0)"
                )),
                binary: Some(Question::Static(format!(
                    "sizeof({name}) * 8 == {bits}"
                ))),
                finding,
            }),
            Err(why) => {
                let place = subject.rust.as_ref().map(|s| s.place.clone());
                self.unchecked(name, place.unwrap_or_default(), &why);
            }
        }
    }

    fn text(
        &mut self,
        name: &str,
        bytes: &[u8],
        nul: bool,
        item: &Constant,
        ty: &CType,
        subject: Subject,
    ) {
        self.count("constants");
        if !matches!(ty.kind, CKind::Pointer(_)) {
            self.drift(subject.finding(
                Kind::Type,
                format!("text in Rust, {} in C", ty.spelled),
                "the two sides use different values",
            ));
            return;
        }
        let shown = written(&item.ty);
        if !nul && !shown.contains("str") && !bytes.ends_with(b"\0") {
            self.note(subject.clone().finding(
                Kind::Type,
                "bytes without the NUL that C has behind them",
                "none, unless it is passed to C as a string",
            ));
        }
        // A &str may have it too.
        let bytes = bytes.strip_suffix(b"\0").unwrap_or(bytes);
        let escaped: String =
            bytes.iter().fold(String::new(), |mut text, byte| {
                let _ = write!(text, "\\{byte:03o}");
                text
            });
        let len = bytes.len() + 1;
        let finding = subject.finding(
            Kind::Value,
            self.values(format!("\"{}\"", bytes.escape_ascii()), name),
            "the two sides use different values",
        );
        // Of a text with a NUL inside only the literal itself tells the end.
        let length = if bytes.contains(&0) {
            format!("sizeof({name}) == {len}")
        } else {
            format!(
                "__builtin_strlen((const char *)({name})) == {}",
                bytes.len()
            )
        };
        self.ask(
            format!(
                "{length} && __builtin_memcmp((const char *)({name}), \
                 \"{escaped}\", {len}) == 0"
            ),
            finding,
        );
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
        let (fields, owner) = match (value, self.types.resolve(&item.ty)) {
            (Ok(Value::Struct(fields)), Ok(Ty::Named(owner))) => {
                (fields, owner)
            }
            (Err(why), _) | (_, Err(why)) => {
                self.unchecked(name, place, &why);
                return;
            }
            _ => {
                self.unchecked(name, place, "no struct with known fields");
                return;
            }
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
            let test = match test {
                Ok(test) => test,
                Err(why) => {
                    let item = format!("{name}.{field}");
                    self.unchecked(&item, place.clone(), &why);
                    continue;
                }
            };
            let mut subject = subject.clone();
            subject.rust = subject.rust.map(|s| super::marked(s, field));
            let finding = subject.finding(
                Kind::Value,
                format!("its field {field} is something else in C"),
                "what starts with it starts differently on each side",
            );
            let body = format!("{text} c = {name}; return {test};");
            self.ask_running(body, finding);
        }
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
        let Stands::Arguments(count) = stands else {
            self.unchecked(name, place, "a function in Rust, a value in C");
            return;
        };
        let inputs = &function.item.sig.inputs;
        if *count != inputs.len() {
            let what =
                format!("{} parameters in Rust, {count} in C", inputs.len());
            self.drift(subject.finding(
                Kind::Signature,
                what,
                "another macro than the header's",
            ));
            return;
        }
        let mut types = vec![];
        for input in inputs {
            let FnArg::Typed(input) = input else {
                return;
            };
            let int = self.types.eval.int_type(&input.ty, None);
            let text = self
                .types
                .resolve(&input.ty)
                .and_then(|ty| self.types.c_text(&ty, None));
            if let (Some(int), Ok(text)) = (int, text) {
                types.push((int, text));
            } else {
                let why = "a parameter that is no integer: a macro has \
                           no types to compare";
                self.unchecked(name, place, why);
                return;
            }
        }
        let mut asked = 0;
        let mut wrong = vec![];
        for arguments in samples(&types) {
            let values: Vec<Value> = arguments
                .iter()
                .zip(&types)
                .map(|(value, (int, _))| Value::Int(*value, Some(*int)))
                .collect();
            let text: Vec<String> = arguments
                .iter()
                .zip(&types)
                .map(|(value, (_, text))| format!("({text}){value}"))
                .collect();
            let call = format!("{name}({})", text.join(", "));
            let (question, expected) = match self.types.eval.call(name, &values)
            {
                Ok(Value::Int(value, _)) => (Self::equal(&call, value), value),
                // Any number but 0 is true in C.
                Ok(Value::Bool(value)) => {
                    let not = if value { "!!" } else { "!" };
                    (format!("{not}({call})"), value.into())
                }
                _ => continue,
            };
            asked += 1;
            wrong.push((question, call, expected));
        }
        self.ask_samples(wrong, &subject);
        if asked == 0 {
            let why = "a function whose body is not understood, for a macro";
            self.unchecked(name, place, why);
        } else {
            self.count("macros with arguments, by sample");
        }
    }
}

impl Planner<'_> {
    /// Ask about a function for some arguments: the question, the call in C and
    /// what Rust's comes to. One finding is enough.
    fn ask_samples(
        &mut self,
        samples: Vec<(String, String, i128)>,
        subject: &Subject,
    ) {
        let mut before: Vec<String> = vec![];
        for (question, call, expected) in samples {
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

/// Arguments to try: every parameter takes every value once.
fn samples(types: &[(IntType, String)]) -> Vec<Vec<i128>> {
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
