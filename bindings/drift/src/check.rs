// SPDX-License-Identifier: MIT OR Apache-2.0
//! One comparison, from what a person says to the report: for a test, for the
//! command, and for whoever writes another front end.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use crate::ask::Answers;
use crate::config::Config;
use crate::package::{self, Package, Request};
use crate::plan::{Allowed, Options, Plan, plan};
use crate::read::compiler::Sources;
use crate::read::crates::{Source, dependencies};
use crate::read::header::{self, Header};
use crate::read::items::{Crate, Symbol};
use crate::read::names::Names;
use crate::read::rules::Rules;
use crate::read::rust::{self, Given};
use crate::read::source::Files;
use crate::read::{compiler, symbols};
use crate::report::{Level, Report};
use crate::target::Target;
use crate::{Error, features, judge};

/// A comparison to make: of which Rust with which headers, and how.
///
/// In a test, with `ferrule-drift` as a dev-dependency and nothing else set
/// up, one line is enough for a crate whose `drift.toml` names its headers:
///
/// ```no_run
/// # use ferrule_drift::Check;
/// #[test]
/// fn binding_is_the_header() {
///     Check::package(env!("CARGO_MANIFEST_DIR")).assert_equal();
/// }
/// # fn main() {}
/// ```
///
/// If they differ, the test fails with the report as its message.
///
/// # Errors
///
/// Nothing is read before [`Check::run`] or [`Check::assert_equal`], and all
/// that can be wrong is reported there, as an [`Error`].
#[derive(Debug, Clone)]
pub struct Check {
    sources: Sources,
    headers: Vec<String>,
    rust: Vec<PathBuf>,
    package: Option<Request>,
    libraries: Vec<String>,
    allow: Option<PathBuf>,
    names: Option<PathBuf>,
    cfgs: Vec<String>,
    features: Vec<String>,
    environment: BTreeMap<String, String>,
    crates: Vec<Source>,
    uses: Vec<(String, usize)>,
    partial: bool,
    exports: bool,
    target: Option<String>,
    level: Level,
    strict: bool,
    /// Of files, another `drift.toml`.
    config: Option<PathBuf>,
    /// What `drift.toml` says.
    allowed: Allowed,
    rules: Rules,
}

impl Default for Check {
    fn default() -> Self {
        let cc = std::env::var("CC").ok().filter(|cc| !cc.is_empty());
        Self {
            sources: Sources {
                cc: cc.unwrap_or("cc".to_owned()),
                ..Sources::default()
            },
            headers: vec![],
            rust: vec![],
            package: None,
            libraries: vec![],
            allow: None,
            names: None,
            cfgs: vec![],
            features: vec![],
            environment: BTreeMap::new(),
            crates: vec![],
            uses: vec![],
            partial: false,
            exports: false,
            target: None,
            level: Level::Letter,
            strict: false,
            config: None,
            allowed: Allowed::default(),
            rules: Rules::default(),
        }
    }
}

impl Check {
    /// A crate, by the folder of its `Cargo.toml` (or by that file).
    ///
    /// Cargo builds it (`cargo check`), and says what its features, cfgs,
    /// `OUT_DIR`, libraries and folders of headers are. What only a person
    /// knows stands in `drift.toml` beside `Cargo.toml`, or is added here.
    ///
    /// ```no_run
    /// # use ferrule_drift::Check;
    /// Check::package(env!("CARGO_MANIFEST_DIR"))
    ///     .header("zlib.h")
    ///     .partial()
    ///     .assert_equal();
    /// ```
    pub fn package(folder: impl AsRef<Path>) -> Self {
        let path = folder.as_ref();
        let manifest = if path.is_dir() {
            path.join("Cargo.toml")
        } else {
            path.to_path_buf()
        };
        Self::request(Request {
            manifest: Some(manifest),
            ..Request::default()
        })
    }

    /// A package as [`Request`] names it: one of a workspace, or one of the
    /// registry.
    pub fn request(request: Request) -> Self {
        Self::default().of(request)
    }

    pub(crate) fn of(mut self, request: Request) -> Self {
        self.package = Some(request);
        self
    }

    /// A Rust file and the modules that it names, with one header: no crate.
    ///
    /// ```
    /// # use ferrule_drift::{Check, Error};
    /// # let folder = tempfile::tempdir().unwrap();
    /// # std::env::set_current_dir(&folder).unwrap();
    /// std::fs::write("point.h", "struct point { int x, y; };").unwrap();
    /// std::fs::write(
    ///     "point.rs",
    ///     "#[repr(C)] pub struct point { pub x: i32, pub y: i64 }",
    /// )
    /// .unwrap();
    ///
    /// match Check::files("point.h", "point.rs").run() {
    ///     Ok(checked) => {
    ///         assert!(!checked.is_equal());
    ///         let wrong = &checked.report.drift[0];
    ///         assert_eq!(wrong.item, "point.y");
    ///     }
    ///     Err(Error::Libclang(why)) => println!("not run: {why}"),
    ///     Err(error) => panic!("{error}"),
    /// }
    /// ```
    pub fn files(header: impl AsRef<Path>, rust: impl AsRef<Path>) -> Self {
        Self::default()
            .header(header.as_ref().to_string_lossy())
            .rust(rust)
    }

    /// A header more: a file, or of a crate as one includes it (`zlib.h`).
    /// Those of `drift.toml` are used if none is given.
    #[must_use]
    pub fn header(mut self, header: impl Into<String>) -> Self {
        self.headers.push(header.into());
        self
    }

    /// A Rust file more, with the modules that it names.
    #[must_use]
    pub fn rust(mut self, file: impl AsRef<Path>) -> Self {
        self.rust.push(file.as_ref().to_path_buf());
        self
    }

    /// A header, or a folder of headers, whose items belong to the library,
    /// too.
    #[must_use]
    pub fn own(mut self, path: impl AsRef<Path>) -> Self {
        self.sources.own.push(path.as_ref().to_path_buf());
        self
    }

    /// A flag for the C compiler: `-DNAME`, `-I...`.
    #[must_use]
    pub fn cflag(mut self, flag: impl Into<String>) -> Self {
        self.sources.cflags.push(flag.into());
        self
    }

    /// The C compiler; else `$CC`, else `cc`.
    #[must_use]
    pub fn compiler(mut self, cc: impl Into<String>) -> Self {
        self.sources.cc = cc.into();
        self
    }

    /// A library that has to export what is declared: a file, or a name as
    /// after `-l`. Without one, symbols are not compared.
    #[must_use]
    pub fn library(mut self, library: impl Into<String>) -> Self {
        self.libraries.push(library.into());
        self
    }

    /// A Cargo feature that is enabled.
    #[must_use]
    pub fn feature(mut self, feature: impl Into<String>) -> Self {
        self.features.push(feature.into());
        self
    }

    /// A cfg that is set: `NAME` or `NAME=VALUE`.
    #[must_use]
    pub fn cfg(mut self, cfg: impl Into<String>) -> Self {
        self.cfgs.push(cfg.into());
        self
    }

    /// What `env!(name)` is, `OUT_DIR` above all.
    #[must_use]
    pub fn env(
        mut self,
        name: impl Into<String>,
        value: impl Into<String>,
    ) -> Self {
        self.environment.insert(name.into(), value.into());
        self
    }

    /// Another crate that the files name, and the root of its library, as
    /// `libc` and its `src/lib.rs`. It may name those that are given before
    /// it. Of a crate of Cargo's all are known.
    #[must_use]
    pub fn dependency(
        mut self,
        name: impl Into<String>,
        root: impl AsRef<Path>,
    ) -> Self {
        let name = name.into();
        let uses = self.uses.clone();
        self.uses.push((name.clone(), self.crates.len()));
        self.crates.push(Source {
            name,
            path: root.as_ref().to_path_buf(),
            uses,
            ..Source::default()
        });
        self
    }

    /// The cfgs of another target; compiler and flags have to be for the
    /// same.
    #[must_use]
    pub fn target(mut self, triple: impl Into<String>) -> Self {
        self.target = Some(triple.into());
        self
    }

    /// The binding leaves out items of the header on purpose: they are
    /// counted, and not reported.
    #[must_use]
    pub fn partial(mut self) -> Self {
        self.partial = true;
        self
    }

    /// The Rust is the library: what it exports is compared with the header
    /// by which C calls it.
    #[must_use]
    pub fn exports(mut self) -> Self {
        self.exports = true;
        self
    }

    /// What C calls the types that Rust exports: a `cbindgen.toml`.
    #[must_use]
    pub fn names(mut self, path: impl AsRef<Path>) -> Self {
        self.names = Some(path.as_ref().to_path_buf());
        self
    }

    /// A file of known differences, each with its reason. An entry that is
    /// not needed is itself a difference.
    #[must_use]
    pub fn allow(mut self, path: impl AsRef<Path>) -> Self {
        self.allow = Some(path.as_ref().to_path_buf());
        self
    }

    /// What only a person knows of the files: a `drift.toml`. A crate has its
    /// own, beside its `Cargo.toml`.
    #[must_use]
    pub fn config(mut self, path: impl AsRef<Path>) -> Self {
        self.config = Some(path.as_ref().to_path_buf());
        self
    }

    /// How bad a difference has to be to count; [`Level::Letter`] if nothing
    /// is said.
    #[must_use]
    pub fn level(mut self, level: Level) -> Self {
        self.level = level;
        self
    }

    /// An item that could not be checked counts as a difference.
    #[must_use]
    pub fn strict(mut self) -> Self {
        self.strict = true;
        self
    }

    /// Compare.
    ///
    /// # Errors
    ///
    /// There is no answer: a file or a library is missing or does not parse,
    /// the header does not compile, libclang is not there
    /// ([`Error::Libclang`]), Cargo cannot build the crate
    /// ([`Error::Package`]), or nothing was there to be compared
    /// ([`Error::Nothing`]).
    pub fn run(&self) -> Result<Checked, Error> {
        let checked = self.prepare()?.run()?;
        checked.something()?;
        Ok(checked)
    }

    /// Compare, and panic with the report if there is a difference: the one
    /// line of a test.
    ///
    /// # Panics
    ///
    /// If the two differ, with the report, or if there is no answer (see
    /// [`Check::run`]), with the reason.
    #[track_caller]
    pub fn assert_equal(&self) {
        match self.run() {
            Ok(checked) => checked.assert_equal(),
            Err(error) => panic!("the drift check could not run: {error}"),
        }
    }

    /// Ask Cargo and find all files; nothing is compared yet.
    pub(crate) fn prepare(&self) -> Result<Prepared, Error> {
        let mut check = self.clone();
        let package = if let Some(request) = &self.package {
            Some(check.take_package(request)?)
        } else {
            check.take_beside()?;
            None
        };
        check
            .sources
            .headers
            .extend(check.headers.drain(..).map(PathBuf::from));
        check.look_for_headers()?;
        if check.names.is_some() && !check.exports {
            let why = "names of exported types are for exports alone";
            return Err(Error::Target(why.to_owned()));
        }
        let mut target =
            Target::new(check.target.as_deref()).map_err(Error::Target)?;
        let given = Given {
            environment: check.environment.clone(),
            dependencies: dependencies(&check.crates, &check.uses, &target),
        };
        for cfg in &check.cfgs {
            target.insert(cfg);
        }
        features::check(&check.features, &check.rust)?;
        for feature in &check.features {
            target.insert(&format!("feature=\"{feature}\""));
        }
        let options = check.options()?;
        Ok(Prepared {
            check,
            target,
            given,
            options,
            package,
        })
    }

    /// What Cargo knows of a crate, as if a person had said it.
    fn take_package(&mut self, request: &Request) -> Result<Taken, Error> {
        if !self.rust.is_empty() {
            let why = "--rust, or a crate of Cargo's: not both";
            return Err(Error::Package(why.to_owned()));
        }
        if !self.crates.is_empty() {
            let why = "--crate, or a crate of Cargo's, whose dependencies are \
                       known: not both";
            return Err(Error::Package(why.to_owned()));
        }
        let mut request = request.clone();
        request.features.append(&mut self.features);
        request.headers.append(&mut self.headers);
        let (found, scratch) = package::look(&request)?;
        self.find_headers(&found)?;
        let includes = found.includes.iter();
        let includes = includes.map(|path| format!("-I{}", path.display()));
        self.sources.cflags.extend(includes);
        self.rust.push(found.source.clone());
        self.crates.clone_from(&found.crates);
        self.uses.clone_from(&found.uses);
        let features = found.features.iter();
        self.cfgs
            .extend(features.map(|one| format!("feature=\"{one}\"")));
        self.cfgs.extend(found.cfgs.iter().cloned());
        if self.libraries.is_empty() {
            self.libraries.clone_from(&found.libraries);
        }
        self.take_config(found.config.clone());
        self.environment.extend(found.variables.clone());
        self.set_environment(&found);
        Ok(Taken {
            judged: said(&found, &self.sources.headers),
            folder: found.folder,
            registry: request.is_registry(),
            _scratch: scratch,
        })
    }

    /// What `drift.toml` says, but for headers, folders and libraries.
    fn take_config(&mut self, config: Config) {
        self.sources.cflags.extend(config.cflags);
        self.partial |= config.partial;
        self.allow = self.allow.take().or(config.allow);
        self.allowed = config.allowed;
        self.rules = config.rules;
    }

    /// The same of files, where Cargo knows nothing.
    fn take_beside(&mut self) -> Result<(), Error> {
        let Some(path) = &self.config else {
            return Ok(());
        };
        let config = Config::read(path)?;
        let folders = config.include.iter();
        let folders = folders.map(|folder| format!("-I{}", folder.display()));
        self.sources.cflags.extend(folders);
        self.libraries.extend(config.libraries.iter().cloned());
        self.take_config(config);
        Ok(())
    }

    fn find_headers(&mut self, found: &Package) -> Result<(), Error> {
        for name in &found.config.headers {
            let Sources { cc, cflags, .. } = &self.sources;
            let path = found.header(name, cc, cflags)?;
            self.sources.headers.push(path);
        }
        Ok(())
    }

    /// What is no file is a name as one includes it.
    fn look_for_headers(&mut self) -> Result<(), Error> {
        let Sources {
            headers,
            cc,
            cflags,
            ..
        } = &mut self.sources;
        for header in headers.iter_mut().filter(|header| !header.exists()) {
            let name = header.to_string_lossy().into_owned();
            if let Ok(found) = compiler::find_header(&name, cc, cflags)? {
                *header = found;
            }
        }
        Ok(())
    }

    fn set_environment(&mut self, found: &Package) {
        let mut set = |name: &str, path: &Path| {
            let path = path.to_string_lossy().into_owned();
            self.environment.insert(name.to_owned(), path);
        };
        set("CARGO_MANIFEST_DIR", &found.folder);
        if let Some(out_dir) = &found.out_dir {
            set("OUT_DIR", out_dir);
        }
    }

    fn options(&self) -> Result<Options, Error> {
        let mut options = Options {
            partial: self.partial,
            no_library: "no --lib: whether the library has them is not known"
                .to_owned(),
            ..Options::default()
        };
        for library in &self.libraries {
            let cc = &self.sources.cc;
            let path = symbols::find(library, cc)?;
            let exported = options.exported.get_or_insert_default();
            exported.extend(symbols::exported(&path, cc)?);
        }
        options.allowed = self.allowed.clone();
        if let Some(path) = &self.allow {
            options.allowed = options.allowed.with(Allowed::read(path)?);
        }
        Ok(options)
    }
}

/// Which headers of which version are judged: what a wrong report is due to,
/// as a rule.
fn said(found: &Package, headers: &[PathBuf]) -> Vec<String> {
    let version = match &found.installed {
        _ if found.vendored => "the crate's own copy".to_owned(),
        Some((name, version)) => format!("{name} {version}"),
        None => "version unknown".to_owned(),
    };
    let mut folders: BTreeMap<&Path, Vec<&Path>> = BTreeMap::new();
    for header in headers {
        let folder = header.parent().unwrap_or(Path::new(""));
        folders.entry(folder).or_default().push(header);
    }
    let lines = folders.into_iter().map(|(folder, headers)| {
        let what = match headers.as_slice() {
            [one] => one.display().to_string(),
            all => format!("{} headers in {}", all.len(), folder.display()),
        };
        format!("{} with {what} ({version})", found.name)
    });
    lines.collect()
}

/// What Cargo told.
struct Taken {
    judged: Vec<String>,
    /// Of its `Cargo.toml`.
    folder: PathBuf,
    /// It is the registry's copy, which is not to be written.
    registry: bool,
    /// Has to live as long as the crate's files are read.
    _scratch: Option<tempfile::TempDir>,
}

/// A comparison of which all is known but the answer.
pub(crate) struct Prepared {
    check: Check,
    target: Target,
    given: Given,
    options: Options,
    package: Option<Taken>,
}

/// What a comparison reads, read.
pub(crate) struct Read {
    pub(crate) sources: Sources,
    pub(crate) header: Header,
    pub(crate) files: Files,
    pub(crate) all: Crate,
}

impl Prepared {
    /// Which headers of which version are judged.
    pub(crate) fn judged(&self) -> &[String] {
        self.package.as_ref().map_or(&[], |taken| &taken.judged)
    }

    /// The folder of the crate, and whether nothing is to be written there.
    pub(crate) fn folder(&self) -> Option<(&Path, bool)> {
        let taken = self.package.as_ref()?;
        Some((&taken.folder, taken.registry))
    }

    /// Read the Rust, with what `files` has in place of what is on disk.
    pub(crate) fn rust(&self, files: &mut Files) -> Result<Crate, Error> {
        let (paths, given) = (&self.check.rust, self.given.clone());
        let mut all = rust::read_crate(paths, files, &self.target, given)?;
        if self.check.exports {
            let names = self.check.names.as_deref();
            all.export(names.map_or(Ok(Names::default()), Names::read)?);
        }
        self.check.rules.clone().apply(&mut all);
        Ok(all)
    }

    /// Read both sides.
    pub(crate) fn read(&self) -> Result<Read, Error> {
        let mut files = Files::default();
        let all = self.rust(&mut files)?;
        let mut sources = self.check.sources.clone();
        sources.macros = all.constants.keys().cloned().collect();
        // A macro may call a function by another name.
        let linked =
            all.functions.iter().filter(|one| match &one.item.symbol {
                Some(Symbol::Name(symbol)) => *symbol != one.name,
                _ => false,
            });
        sources.macros.extend(linked.map(|one| one.name.clone()));
        let header = header::read(&sources)?;
        all.rules.known(&header)?;
        Ok(Read {
            sources,
            header,
            files,
            all,
        })
    }

    /// What there is to ask about `all`.
    pub(crate) fn plan(&self, all: &Crate, header: &Header) -> Plan {
        plan(all, header, self.target.machine(), &self.options)
    }

    /// The first of the Rust files.
    pub(crate) fn root(&self) -> &Path {
        self.check
            .rust
            .first()
            .map_or(Path::new(""), PathBuf::as_path)
    }

    /// For which machine.
    pub(crate) fn machine(&self) -> crate::target::Machine {
        self.target.machine()
    }

    /// Compare.
    pub(crate) fn run(&self) -> Result<Checked, Error> {
        let read = self.read()?;
        let plan = self.plan(&read.all, &read.header);
        read.all.rules.all_used()?;
        let report = judge(plan, &read.sources, &mut Answers::default())?;
        Ok(self.checked(report))
    }

    /// `report`, with what decides about it.
    pub(crate) fn checked(&self, report: Report) -> Checked {
        Checked {
            report,
            judged: self.judged().to_vec(),
            level: self.check.level,
            strict: self.check.strict,
        }
    }
}

/// What came of a comparison.
#[derive(Debug, Clone)]
pub struct Checked {
    /// All that was found.
    pub report: Report,
    /// Of a crate: which header was judged, and of which version of the
    /// library, a line for each.
    pub judged: Vec<String>,
    level: Level,
    strict: bool,
}

impl Checked {
    /// Whether nothing differs that counts: see [`Check::level`] and
    /// [`Check::strict`].
    pub fn is_equal(&self) -> bool {
        let unchecked = self.strict && !self.report.unchecked.is_empty();
        self.report.worse(self.level) == 0 && !unchecked
    }

    /// Panic with the report if something differs.
    ///
    /// # Panics
    ///
    /// If [`Checked::is_equal`] is false.
    #[track_caller]
    pub fn assert_equal(&self) {
        assert!(self.is_equal(), "Rust and C differ\n\n{self}");
    }

    /// An error if nothing was there to be compared.
    pub(crate) fn something(&self) -> Result<(), Error> {
        let report = &self.report;
        if report.items() == 0 {
            return Err(Error::Nothing(report.unchecked.len()));
        }
        Ok(())
    }
}

impl fmt::Display for Checked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.judged {
            writeln!(f, "{line}\n")?;
        }
        self.report.fmt(f)
    }
}
