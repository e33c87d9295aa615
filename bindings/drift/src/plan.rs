// SPDX-License-Identifier: MIT OR Apache-2.0
//! What to ask the compiler about a crate and a header, and what it means if
//! the answer is no.

mod allow;
mod complete;
mod constants;
mod exports;
mod functions;
mod records;

use std::collections::BTreeSet;

use syn::spanned::Spanned;

pub use allow::Allowed;

use crate::compile::{Answers, Outcome, Question};
use crate::header::{CType, Decl, Header, Place};
use crate::report::{Finding, Kind, Report, Side, Tally};
use crate::rust::{Crate, Declared, Unchecked};
use crate::types::{Definitions, Ty, Types};

/// How a run differs from the usual.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The binding is a selection: what it leaves out is counted, and not
    /// reported.
    pub partial: bool,
    /// What the library exports, if that is known.
    pub exported: Option<BTreeSet<String>>,
    /// Why it is not known.
    pub no_library: String,
    /// What is let pass.
    pub allowed: Allowed,
}

/// A finding, if the answer to a question is no.
#[derive(Debug, Clone)]
struct Doubt {
    question: Question,
    finding: Finding,
}

/// What to ask, and what is known without asking.
#[derive(Debug, Default)]
pub struct Plan {
    /// C that the questions need.
    pub definitions: Definitions,
    doubts: Vec<Doubt>,
    drift: Vec<Finding>,
    notes: Vec<Finding>,
    unchecked: Vec<Unchecked>,
    checked: Tally,
    allowed: Allowed,
}

/// Plan to compare `all` with `header`.
pub fn plan(
    all: &Crate,
    header: &Header,
    pointer_bits: u32,
    options: &Options,
) -> Plan {
    let mut planner = Planner {
        all,
        header,
        types: Types::new(all, header, pointer_bits),
        options,
        plan: Plan {
            allowed: options.allowed.clone(),
            ..Plan::default()
        },
        bound: BTreeSet::new(),
    };
    planner.types.exports = all.exports;
    planner.plan.unchecked.clone_from(&all.unchecked);
    planner.pair();
    planner.functions();
    planner.statics();
    planner.types();
    planner.constants();
    planner.complete();
    let definitions = planner.types.definitions.take();
    planner.plan.definitions.extend(definitions);
    planner.plan
}

impl Plan {
    /// All that has to be asked.
    pub fn questions(&self) -> BTreeSet<Question> {
        let all = self.doubts.iter().map(|doubt| doubt.question.clone());
        all.collect()
    }

    /// What the answers come to.
    pub fn report(self, answers: &Answers) -> Report {
        let mut report = Report {
            questions: self.questions().len(),
            notes: self.notes,
            unchecked: self.unchecked,
            checked: self.checked,
            ..Report::default()
        };
        let mut drift = self.drift;
        for doubt in self.doubts {
            match answers.get(&doubt.question) {
                Outcome::Holds => {}
                Outcome::Fails => drift.push(doubt.finding),
                Outcome::Broken(why) => {
                    let finding = doubt.finding;
                    let place = finding.rust.map(|side| side.place);
                    report.unchecked.push(Unchecked {
                        item: finding.item,
                        place: place.unwrap_or_default(),
                        why: format!("the compiler cannot tell: {why}"),
                    });
                }
            }
        }
        let (drift, allowed) = self.allowed.part(drift);
        report.drift = drift;
        report.allowed = allowed;
        report
    }
}

struct Planner<'a> {
    all: &'a Crate,
    header: &'a Header,
    types: Types<'a>,
    options: &'a Options,
    plan: Plan,
    /// Names of the header that the crate has.
    bound: BTreeSet<String>,
}

/// Both sides of what is compared, and what it is called.
#[derive(Debug, Clone)]
struct Subject {
    item: String,
    rust: Option<Side>,
    c: Option<Side>,
}

impl Subject {
    fn finding(
        self,
        kind: Kind,
        what: impl Into<String>,
        so: impl Into<String>,
    ) -> Finding {
        Finding {
            kind,
            item: self.item,
            rust: self.rust,
            c: self.c,
            what: what.into(),
            so: so.into(),
        }
    }
}

fn c_side(decl: &Decl) -> Side {
    Side {
        place: decl.place.clone(),
        text: decl.text.clone(),
    }
}

fn rust_side<T>(item: &Declared<T>, mark: Option<&dyn Spanned>) -> Side {
    Side {
        place: item.origin.place(),
        text: item.origin.snippet(mark),
    }
}

impl Planner<'_> {
    fn subject<T>(&self, item: &Declared<T>, decl: Option<&Decl>) -> Subject {
        Subject {
            item: item.name.clone(),
            rust: Some(rust_side(item, None)),
            c: decl.map(c_side),
        }
    }

    fn drift(&mut self, finding: Finding) {
        self.plan.drift.push(finding);
    }

    fn note(&mut self, finding: Finding) {
        self.plan.notes.push(finding);
    }

    fn count(&mut self, what: &'static str) {
        *self.plan.checked.entry(what).or_default() += 1;
    }

    fn unchecked(&mut self, item: &str, place: Place, why: &str) {
        self.plan.unchecked.push(Unchecked {
            item: item.to_owned(),
            place,
            why: why.to_owned(),
        });
    }

    fn ask(&mut self, expression: String, finding: Finding) {
        let question = Question::Static(expression);
        self.plan.doubts.push(Doubt { question, finding });
    }

    fn ask_running(&mut self, body: String, finding: Finding) {
        let question = Question::Runtime(body);
        self.plan.doubts.push(Doubt { question, finding });
    }

    /// Function pointers that cannot be NULL where C can make them so.
    fn nullable(&mut self, ty: &Ty, subject: &Subject, callback: bool) {
        match ty {
            Ty::Function(function, nullable) => {
                if !nullable && !callback {
                    let finding = subject.clone().finding(
                        Kind::Nullable,
                        "a function pointer without Option",
                        "C may leave it NULL, which a Rust function pointer \
                         must never be: reading it is undefined behaviour",
                    );
                    self.drift(finding);
                }
                if !matches!(function.abi.as_str(), "C" | "C-unwind") {
                    let finding = subject.clone().finding(
                        Kind::Abi,
                        format!("a callback of ABI \"{}\"", function.abi),
                        "C calls it by its own convention: registers and \
                         stack disagree",
                    );
                    self.drift(finding);
                }
                // C passes what the callback takes.
                for param in &function.params {
                    self.nullable(param, subject, false);
                }
            }
            Ty::Pointer { to, .. } => self.nullable(to, subject, false),
            Ty::Array(element, _) => self.nullable(element, subject, false),
            _ => {}
        }
    }

    /// `value` and the C expression `name` are the same number: neither side's
    /// conversions help.
    fn equal(name: &str, value: i128) -> String {
        if value < 0 {
            // The smallest number has no literal of its own.
            let near = value + 1;
            format!("({name}) < 0 && ({name}) == {near}LL - 1")
        } else {
            format!("!(({name}) < 0) && ({name}) == {value}ULL")
        }
    }

    fn same(a: &str, b: &str) -> String {
        format!("FD_SAME({a}, {b})")
    }

    /// The type of something in C, to compare with what `ty` is in C: `const`
    /// as C has it, where Rust has no word for it.
    fn c_text_like(&self, ty: &Ty, c: &CType) -> Result<String, String> {
        let text = self.types.c_text(ty, Some(c))?;
        let konst = if c.is_const { "const " } else { "" };
        let volatile = if c.is_volatile { "volatile " } else { "" };
        Ok(format!("{konst}{volatile}__typeof__({text})"))
    }
}

/// The text of a Rust node, on one line.
fn written(node: &impl quote::ToTokens) -> String {
    crate::target::tidy(&node.to_token_stream().to_string())
}

/// A snippet with the marked part that `mark` names.
fn marked(side: Side, part: &str) -> Side {
    Side {
        text: side.text.marked(part),
        ..side
    }
}
