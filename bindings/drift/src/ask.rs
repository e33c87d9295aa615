// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the C compiler says.
//!
//! All assertions of a run, or of a hundred runs, go into one file, each on a
//! line of its own: the compiler reports all that fail, by line.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use crate::Error;
use crate::read::compiler::{Scratch, Sources, first_line, run_compiler};

/// What came of an assertion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It holds.
    Holds,
    /// It does not.
    Fails,
    /// It means nothing to the compiler, which says why.
    Broken(String),
}

/// Something to ask the compiler.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Question {
    /// A constant expression, to be true.
    Static(String),
    /// The body of a function returning `int`, to be true when it runs.
    Runtime(String),
}

/// Lines of C that questions may need, with the order in which they stand.
pub type Definitions = BTreeSet<(u32, String)>;

/// What was asked before is not asked again.
#[derive(Debug, Default)]
pub struct Answers {
    known: HashMap<Question, Outcome>,
}

impl Answers {
    /// What came of `question`, which has been asked.
    pub fn get(&self, question: &Question) -> Outcome {
        let known = self.known.get(question).cloned();
        known.unwrap_or(Outcome::Broken("it was never asked".to_owned()))
    }

    /// Ask what has not been asked yet. `definitions` are lines that questions
    /// may need.
    pub fn ask(
        &mut self,
        sources: &Sources,
        definitions: &Definitions,
        questions: &BTreeSet<Question>,
    ) -> Result<(), Error> {
        let new = questions
            .iter()
            .filter(|question| !self.known.contains_key(question));
        let (fixed, running): (Vec<_>, Vec<_>) =
            new.partition(|question| matches!(question, Question::Static(_)));
        if !fixed.is_empty() {
            self.ask_compiler(sources, definitions, &fixed)?;
        }
        if !running.is_empty() {
            self.ask_program(sources, definitions, running)?;
        }
        Ok(())
    }

    fn ask_compiler(
        &mut self,
        sources: &Sources,
        definitions: &Definitions,
        questions: &[&Question],
    ) -> Result<(), Error> {
        let mut file = File::new(sources, definitions);
        for question in questions {
            let Question::Static(expression) = question else {
                continue;
            };
            file.line(
                question,
                &format!("_Static_assert({expression}, \"drift\");"),
            );
        }
        let canaries = file.canaries();
        let scratch = Scratch::new()?;
        let path = scratch.write("check.c", &file.text)?;
        let output = run_compiler(sources, &["-fsyntax-only"], &path)?;
        let said = File::said(&output, &path)?;
        canaries.look(&said, &output)?;
        for question in questions {
            let line = file.lines[question];
            let outcome = match said.get(&line) {
                None => Outcome::Holds,
                Some(messages) => judge(messages),
            };
            self.known.insert((*question).clone(), outcome);
        }
        Ok(())
    }

    fn ask_program(
        &mut self,
        sources: &Sources,
        definitions: &Definitions,
        mut questions: Vec<&Question>,
    ) -> Result<(), Error> {
        let mut definitions = definitions.clone();
        // What does not compile is taken out, and the rest asked again.
        while !questions.is_empty() {
            let file = File::probes(sources, &definitions, &questions);
            let scratch = Scratch::new()?;
            let path = scratch.write("probe.c", &file.text)?;
            let program = scratch.path("probe");
            let program_text = program.to_string_lossy();
            let flags = ["-O0", "-o", &*program_text];
            let output = run_compiler(sources, &flags, &path)?;
            let said = File::said(&output, &path)?;
            // What one plan defines wrongly is no other's business.
            let unusable = file.unusable(&said);
            definitions.retain(|(_, line)| !unusable.contains(line));
            let before = questions.len();
            questions.retain(|question| {
                let messages = said.get(&file.lines[*question]);
                if let Some(messages) = messages {
                    let why = Outcome::Broken(messages.join("; "));
                    self.known.insert((*question).clone(), why);
                }
                messages.is_none()
            });
            if questions.len() == before && unusable.is_empty() {
                self.run_program(&program, &questions, first_line(&output));
                break;
            }
        }
        Ok(())
    }

    /// Run the program that answers `questions`, one a line. Those that it
    /// leaves out are not answered, and the compiler `said` why.
    fn run_program(
        &mut self,
        program: &Path,
        questions: &[&Question],
        said: &str,
    ) {
        let ran = Command::new(program).output();
        let answers = ran.ok().filter(|ran| ran.status.success());
        let answers = answers.map(|ran| ran.stdout).unwrap_or_default();
        let answers = String::from_utf8_lossy(&answers);
        let mut answers = answers.lines();
        for question in questions {
            let outcome = match answers.next() {
                Some("1") => Outcome::Holds,
                Some(_) => Outcome::Fails,
                None => Outcome::Broken(said.to_owned()),
            };
            self.known.insert((*question).clone(), outcome);
        }
    }
}

fn judge(messages: &[String]) -> Outcome {
    let failed = |message: &String| {
        message.contains("static assertion failed")
            || message.contains("static_assert failed")
    };
    match messages.iter().find(|message| !failed(message)) {
        Some(broken) => Outcome::Broken(broken.clone()),
        None => Outcome::Fails,
    }
}

/// Assertions of which the answers are known. If the compiler answers them
/// otherwise, its other answers are worth nothing: it stopped early, or does
/// not understand assertions.
struct Canaries {
    holds: u32,
    fails: u32,
}

impl Canaries {
    fn look(
        &self,
        said: &BTreeMap<u32, Vec<String>>,
        output: &str,
    ) -> Result<(), Error> {
        let fails = said.get(&self.fails).map(|said| judge(said));
        if !said.contains_key(&self.holds) && fails == Some(Outcome::Fails) {
            return Ok(());
        }
        let why = said.get(&self.holds).and_then(|said| said.first());
        let why = why.map_or(first_line(output), |why| why);
        Err(Error::Judge(why.to_owned()))
    }
}

/// A C file, and what stands on which line.
struct File<'q> {
    text: String,
    /// Where the definitions begin, and what they are.
    definitions: (u32, Vec<String>),
    at: u32,
    lines: HashMap<&'q Question, u32>,
}

impl<'q> File<'q> {
    fn new(sources: &Sources, definitions: &Definitions) -> Self {
        let mut text = PREAMBLE.to_owned();
        // What other crates' types are called comes before the headers, which
        // may name them too.
        let (before, after): (Vec<_>, Vec<_>) = definitions
            .iter()
            .partition(|(_, line)| line.starts_with("#include"));
        for (_, include) in before {
            text.push_str(include);
            text.push('\n');
        }
        text.push_str(&sources.prelude());
        text.push_str(MACROS);
        let first = u32::try_from(text.lines().count() + 1).unwrap_or(0);
        for (_, definition) in &after {
            text.push_str(definition);
            text.push('\n');
        }
        let at = u32::try_from(text.lines().count()).unwrap_or(0);
        Self {
            text,
            definitions: (
                first,
                after.iter().map(|(_, line)| line.clone()).collect(),
            ),
            at,
            lines: HashMap::new(),
        }
    }

    /// A program that prints the answer to each of `questions`.
    fn probes(
        sources: &Sources,
        definitions: &Definitions,
        questions: &[&'q Question],
    ) -> Self {
        let mut file = Self::new(sources, definitions);
        let mut main =
            "int printf(const char *, ...);\nint main(void) {\n".to_owned();
        for (at, question) in questions.iter().enumerate() {
            let Question::Runtime(body) = question else {
                continue;
            };
            let probe = format!("static int fd_probe_{at}(void) {{ {body} }}");
            file.line(question, &probe);
            let _ = writeln!(main, "printf(\"%d\\n\", fd_probe_{at}() != 0);");
        }
        file.text.push_str(&main);
        file.text.push_str("return 0; }\n");
        file
    }

    /// Definitions that are errors.
    fn unusable(&self, said: &BTreeMap<u32, Vec<String>>) -> Vec<String> {
        let (first, all) = &self.definitions;
        let lines = (*first..).zip(all);
        lines
            .filter(|(line, _)| said.contains_key(line))
            .map(|(_, definition)| definition.clone())
            .collect()
    }

    fn line(&mut self, question: &'q Question, text: &str) {
        let at = self.push(text);
        self.lines.insert(question, at);
    }

    fn push(&mut self, text: &str) -> u32 {
        self.text.push_str(text);
        self.text.push('\n');
        self.at += 1;
        self.at
    }

    /// Behind all questions, so that an end before them is seen.
    fn canaries(&mut self) -> Canaries {
        let mut push = |same: &str| {
            self.push(&format!(
                "_Static_assert(FD_SAME(int, {same}), \"drift\");"
            ))
        };
        Canaries {
            holds: push("int"),
            fails: push("long"),
        }
    }

    /// The errors, by line of the file at `path`.
    ///
    /// One that is elsewhere, or that ends the compiler, leaves questions
    /// without an answer: that is an error of the whole run.
    fn said(
        output: &str,
        path: &Path,
    ) -> Result<BTreeMap<u32, Vec<String>>, Error> {
        let path = path.to_string_lossy();
        let mut said: BTreeMap<u32, Vec<String>> = BTreeMap::new();
        for line in output.lines() {
            let Some((place, message)) = line.split_once(" error: ") else {
                continue;
            };
            let place = place.strip_prefix(&*path);
            let at = place
                .filter(|rest| !rest.ends_with("fatal"))
                .and_then(|rest| rest.split(':').nth(1)?.parse().ok());
            let Some(at) = at else {
                return Err(Error::Judge(line.to_owned()));
            };
            said.entry(at).or_default().push(message.to_owned());
        }
        Ok(said)
    }
}

/// Before the headers: what types of other crates' need.
const PREAMBLE: &str = "\
#include <stddef.h>
#include <stdint.h>
struct fd_wide { const void *r_to; uintptr_t r_more; };
";

/// After the headers.
const MACROS: &str = "\
#define FD_SAME(a, b) _Generic((__typeof__(a) *)0, __typeof__(b) *: 1, \
default: 0)
#if defined(__x86_64__) && !defined(_WIN32)
typedef __typeof__((*(__builtin_va_list *)0)[0]) *fd_va_list;
#else
typedef __builtin_va_list fd_va_list;
#endif
";
