// SPDX-License-Identifier: MIT OR Apache-2.0
//! What to ask the compiler about a crate and a header, and what it means if
//! the answer is no.

mod allow;
mod bits;
mod complete;
mod constants;
pub mod differ;
mod enumerators;
mod enums;
mod exports;
mod fields;
mod foreign;
mod functions;
mod laid;
mod layout;
mod left_out;
mod pairs;
mod paths;
mod places;
mod records;
mod stands;
mod texts;
pub mod types;

use std::collections::{BTreeSet, HashMap};

use quote::ToTokens;

pub use allow::{Allowed, allow_lines};

use crate::ask::{Answers, Definitions, Outcome, Question};
use crate::place::Place;
use crate::plan::types::{Closeness, Pair, Ty, Types};
use crate::read::header::{CType, Decl, Header};
use crate::read::items::{Crate, Declared, Unchecked};
use crate::report::{Finding, Kind, Level, Report, Side, Tally};
use crate::target::Machine;

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
    /// The same by what crosses alone: if that holds, the two differ by the
    /// letter.
    binary: Option<Question>,
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
    alone: Vec<Unchecked>,
    assumed: BTreeSet<String>,
    checked: Tally,
    allowed: Allowed,
}

/// Plan to compare `all` with `header`.
pub fn plan(
    all: &Crate,
    header: &Header,
    machine: Machine,
    options: &Options,
) -> Plan {
    let mut planner = Planner {
        all,
        header,
        types: Types::new(all, header, machine),
        options,
        plan: Plan {
            allowed: options.allowed.clone(),
            ..Plan::default()
        },
        bound: BTreeSet::new(),
    };
    planner.types.exports = all.exports;
    planner.plan.unchecked.clone_from(&all.unchecked);
    planner.plan.alone.clone_from(&all.alone);
    planner.pair();
    planner.functions();
    planner.statics();
    planner.types();
    planner.constants();
    planner.complete();
    planner.types_of_others();
    planner.plan.assumed = planner.types.assumed.take();
    let definitions = planner.types.definitions.take();
    planner.plan.definitions.extend(definitions);
    planner.plan
}

/// Rust's names for what has none in C.
pub(crate) fn pairs(
    all: &Crate,
    header: &Header,
    machine: Machine,
) -> HashMap<String, Pair> {
    let options = Options::default();
    let mut planner = Planner {
        all,
        header,
        types: Types::new(all, header, machine),
        options: &options,
        plan: Plan::default(),
        bound: BTreeSet::new(),
    };
    planner.pair();
    planner.types.pairs
}

impl Plan {
    /// All that has to be asked.
    pub fn questions(&self) -> BTreeSet<Question> {
        let all = self.doubts.iter().map(|doubt| doubt.question.clone());
        all.collect()
    }

    /// What has to be asked then, to know how bad a difference is.
    pub fn further(&self, answers: &Answers) -> BTreeSet<Question> {
        let failed = self
            .doubts
            .iter()
            .filter(|doubt| answers.get(&doubt.question) == Outcome::Fails);
        failed.filter_map(|doubt| doubt.binary.clone()).collect()
    }

    /// What the answers come to.
    pub fn report(self, answers: &Answers) -> Report {
        let mut report = Report {
            questions: self.questions().len(),
            notes: self.notes,
            unchecked: self.unchecked,
            alone: self.alone,
            assumed: self.assumed,
            checked: self.checked,
            ..Report::default()
        };
        let mut drift = self.drift;
        let mut unanswered = BTreeSet::new();
        for doubt in self.doubts {
            let binary = doubt.binary.as_ref().map(|asked| answers.get(asked));
            match answers.get(&doubt.question) {
                Outcome::Holds => {}
                Outcome::Fails => drift.push(Finding {
                    level: if binary == Some(Outcome::Holds) {
                        Level::Letter
                    } else {
                        doubt.finding.level
                    },
                    ..doubt.finding
                }),
                Outcome::Broken(why) => {
                    if unanswered.insert(doubt.finding.item.clone()) {
                        report.unchecked.push(doubt.finding.unanswered(&why));
                    }
                }
            }
        }
        report.unanswered = unanswered.len();
        let (mut drift, allowed) = self.allowed.part(drift);
        drift.sort_by_key(|finding| (finding.level, finding.rank()));
        report.drift = drift;
        report.allowed = allowed;
        report
    }
}

impl Finding {
    /// Its question was not answered.
    fn unanswered(self, why: &str) -> Unchecked {
        Unchecked {
            item: self.item,
            place: self.rust.map(|side| side.place).unwrap_or_default(),
            why: format!("the compiler cannot tell: {why}"),
        }
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
    /// Where it is in the Rust.
    fn place(&self) -> Place {
        let rust = self.rust.as_ref();
        rust.map(|side| side.place.clone()).unwrap_or_default()
    }

    fn finding(
        self,
        kind: Kind,
        what: impl Into<String>,
        so: impl Into<String>,
    ) -> Finding {
        Finding {
            level: Level::Breaks,
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
        text: decl.text(None),
    }
}

fn subject<T>(item: &Declared<T>, decl: Option<&Decl>) -> Subject {
    Subject {
        item: item.name.clone(),
        rust: Some(rust_side(item, None)),
        c: decl.map(c_side),
    }
}

fn rust_side<T>(item: &Declared<T>, mark: Option<&dyn ToTokens>) -> Side {
    Side {
        place: item.origin.place(),
        text: item.origin.snippet(mark),
    }
}

impl Planner<'_> {
    fn drift(&mut self, finding: Finding) {
        self.plan.drift.push(finding);
    }

    /// A difference that no bit of what crosses knows of.
    fn letter(&mut self, finding: Finding) {
        let level = Level::Letter;
        self.plan.drift.push(Finding { level, ..finding });
    }

    fn note(&mut self, finding: Finding) {
        let level = Level::Note;
        self.plan.notes.push(Finding { level, ..finding });
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

    /// There is nothing on the other side that it could be compared with.
    fn alone(&mut self, item: &str, place: Place, why: &str) {
        self.plan.alone.push(Unchecked {
            item: item.to_owned(),
            place,
            why: why.to_owned(),
        });
    }

    fn ask(&mut self, expression: String, finding: Finding) {
        self.plan.doubts.push(Doubt {
            question: Question::Static(expression),
            binary: None,
            finding,
        });
    }

    /// Ask about a value: `binary` holds if only its bits are the same.
    fn ask_value(
        &mut self,
        exact: String,
        binary: Option<String>,
        finding: Finding,
    ) {
        self.plan.doubts.push(Doubt {
            question: Question::Static(exact),
            binary: binary.map(Question::Static),
            finding,
        });
    }

    fn ask_running(&mut self, body: String, finding: Finding) {
        self.plan.doubts.push(Doubt {
            question: Question::Runtime(body),
            binary: None,
            finding,
        });
    }

    /// Ask about a type that `text` writes in C, closely and by what crosses
    /// alone.
    fn ask_type(
        &mut self,
        text: impl Fn(&Types<'_>) -> Result<String, String>,
        finding: Finding,
    ) -> Result<(), String> {
        let exact = text(&self.types)?;
        self.types.closeness.set(Closeness::Binary);
        let binary = text(&self.types);
        self.types.closeness.set(Closeness::Exact);
        let binary = binary?;
        let differs = binary != exact;
        self.plan.doubts.push(Doubt {
            question: Question::Static(exact),
            binary: differs.then_some(Question::Static(binary)),
            finding,
        });
        Ok(())
    }

    /// The same, where `what` are counted if the question could be written,
    /// and the item at `place` is unchecked if not.
    fn ask_counted(
        &mut self,
        what: &'static str,
        place: Place,
        text: impl Fn(&Types<'_>) -> Result<String, String>,
        finding: Finding,
    ) {
        let item = finding.item.clone();
        match self.ask_type(text, finding) {
            Ok(()) => self.count(what),
            Err(why) => self.unchecked(&item, place, &why),
        }
    }

    /// Function pointers that cannot be NULL where C can make them so.
    fn nullable(&mut self, ty: &Ty, subject: &Subject, callback: bool) {
        let what = "a function pointer without Option";
        self.nullable_as(what, ty, subject, callback);
    }

    fn nullable_as(
        &mut self,
        what: &str,
        ty: &Ty,
        subject: &Subject,
        callback: bool,
    ) {
        match ty {
            Ty::Function(function, nullable) => {
                if !nullable && !callback {
                    let finding = subject.clone().finding(
                        Kind::Nullable,
                        what,
                        "C may leave it NULL, which a Rust function pointer \
                         must never be: reading it is undefined behaviour",
                    );
                    self.drift(finding);
                }
                if self.types.convention(&function.abi).is_none() {
                    let finding = subject.clone().finding(
                        Kind::Abi,
                        format!("a callback of ABI \"{}\"", function.abi),
                        "C calls it by its own convention: registers and \
                         stack disagree",
                    );
                    self.drift(finding);
                }
                // C passes what the callback takes.
                let what =
                    "a parameter of it is a function pointer without Option";
                for param in &function.params {
                    self.nullable_as(what, param, subject, false);
                }
            }
            Ty::Pointer { to, .. } => {
                self.nullable_as(what, to, subject, false);
            }
            Ty::Array(element, _) => {
                self.nullable_as(what, element, subject, false);
            }
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
}

/// The type of something in C, to compare with what `ty` is in C: `const` as C
/// has it, where Rust has no word for it.
fn c_text_like(
    types: &Types<'_>,
    ty: &Ty,
    c: &CType,
) -> Result<String, String> {
    let text = types.c_text(ty, Some(c))?;
    let konst = if c.is_const { "const " } else { "" };
    let volatile = if c.is_volatile { "volatile " } else { "" };
    Ok(format!("{konst}{volatile}__typeof__({text})"))
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
