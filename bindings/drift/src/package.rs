// SPDX-License-Identifier: MIT OR Apache-2.0
//! A crate as Cargo builds it: its features and cfgs, what its build script
//! wrote, with which headers and which libraries.
//!
//! Cargo is asked, and nothing is guessed: `cargo metadata` knows the packages,
//! the messages of `cargo check` what was enabled and what build scripts said,
//! and `pkg-config` where a library's headers are if no build script says so.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use toml::Table;

use crate::Error;
use crate::config::Config;
use crate::read::compiler;
use crate::read::crates::Source;

/// Which package of which workspace.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// Its `Cargo.toml`, or that of a workspace that it is in.
    pub manifest: Option<PathBuf>,
    /// `NAME`, or `NAME@VERSION` of the registry.
    pub package: Option<String>,
    /// Its headers, if they are not those of `drift.toml`.
    pub headers: Vec<String>,
    /// Features to enable.
    pub features: Vec<String>,
    /// All features.
    pub all_features: bool,
    /// Not the default ones.
    pub no_default_features: bool,
    /// What a person said of it: `drift.toml`.
    pub config: Option<PathBuf>,
}

impl Request {
    /// Whether it is a package of the registry: `NAME@VERSION`.
    pub fn is_registry(&self) -> bool {
        let package = self.package.as_deref();
        package.is_some_and(|package| package.contains('@'))
    }
}

/// A package, built.
#[derive(Debug, Clone, Default)]
pub struct Package {
    /// Its name and version.
    pub name: String,
    /// The root of its library.
    pub source: PathBuf,
    /// The folder of its `Cargo.toml`.
    pub folder: PathBuf,
    /// Features that are enabled.
    pub features: Vec<String>,
    /// What its build script set.
    pub cfgs: Vec<String>,
    /// `OUT_DIR`
    pub out_dir: Option<PathBuf>,
    /// Folders of headers.
    pub includes: Vec<PathBuf>,
    /// Libraries that it is linked with: names, or files.
    pub libraries: Vec<String>,
    /// What `pkg-config` says of its library: name and version.
    pub installed: Option<(String, String)>,
    /// What its build script set for `env!`.
    pub variables: BTreeMap<String, String>,
    /// What its build script asked pkg-config for.
    pub asked: Vec<String>,
    /// It builds the library itself.
    pub vendored: bool,
    /// What `drift.toml` says.
    pub config: Config,
    /// The crates that it and those that it names may name.
    pub crates: Vec<Source>,
    /// Those that it names itself: what it calls them, and where they stand
    /// in `crates`.
    pub uses: Vec<(String, usize)>,
}

impl Request {
    /// What is said of `package`, with its headers.
    fn config(&self, package: &Value) -> Result<Config, Error> {
        let manifest = PathBuf::from(text(package, "manifest_path"));
        let own = manifest.with_file_name("drift.toml");
        let path = self.config.clone().unwrap_or(own);
        let mut found = if self.config.is_some() || path.is_file() {
            Config::read(&path)?
        } else {
            Config::default()
        };
        if !self.headers.is_empty() {
            found.headers.clone_from(&self.headers);
        }
        if found.headers.is_empty() {
            return Err(wrong(format!(
                "{}: which headers does it bind? Say --header, or headers = \
                 [...] in {}",
                text(package, "name"),
                path.display()
            )));
        }
        Ok(found)
    }
}

/// What Cargo's build said.
#[derive(Debug, Default)]
struct Built {
    /// By package: what its build script said.
    scripts: BTreeMap<String, Value>,
    /// By package: its library as it was compiled.
    libraries: BTreeMap<String, Value>,
}

fn wrong(why: impl Into<String>) -> Error {
    Error::Package(why.into())
}

/// Run Cargo and give what it printed.
fn cargo(arguments: &[String]) -> Result<String, Error> {
    let name = std::env::var("CARGO").unwrap_or("cargo".to_owned());
    let output = Command::new(&name)
        .args(arguments)
        .output()
        .map_err(|error| wrong(format!("{name}: {error}")))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(wrong(format!(
            "cargo {} failed:\n{}",
            arguments.first().map_or("", String::as_str),
            said.trim_end()
        )));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// A workspace of our own, in which a package of the registry is built. It goes
/// when this is dropped, and nothing is written beside the package.
struct Workspace {
    folder: tempfile::TempDir,
}

impl Workspace {
    fn new(
        name: &str,
        version: &str,
        request: &Request,
    ) -> Result<Self, Error> {
        let io = |error| Error::Scratch(error, std::env::temp_dir());
        let folder = tempfile::Builder::new()
            .prefix("ferrule-drift-")
            .tempdir()
            .map_err(io)?;
        let mut dependency = Table::new();
        dependency.insert("version".into(), format!("={version}").into());
        dependency.insert(
            "default-features".into(),
            (!request.no_default_features).into(),
        );
        let features: Vec<toml::Value> = request
            .features
            .iter()
            .map(|one| one.clone().into())
            .collect();
        dependency.insert("features".into(), features.into());
        let mut dependencies = Table::new();
        dependencies.insert(name.to_owned(), dependency.into());
        let mut package = Table::new();
        package.insert("name".into(), "ferrule-drift-scratch".into());
        package.insert("edition".into(), "2021".into());
        let mut manifest = Table::new();
        manifest.insert("package".into(), package.into());
        manifest.insert("workspace".into(), Table::new().into());
        manifest.insert("dependencies".into(), dependencies.into());
        let source = folder.path().join("src");
        fs::create_dir(&source).map_err(io)?;
        fs::write(source.join("lib.rs"), "").map_err(io)?;
        fs::write(folder.path().join("Cargo.toml"), manifest.to_string())
            .map_err(io)?;
        Ok(Self { folder })
    }
}

/// Build the package, and find out what there is to know. What is returned
/// beside it has to live as long as its files are read.
pub fn look(
    request: &Request,
) -> Result<(Package, Option<tempfile::TempDir>), Error> {
    let package = request.package.as_deref();
    let registry = package.and_then(|package| package.split_once('@'));
    if registry.is_some() && request.all_features {
        return Err(wrong(
            "--all-features of a package of the registry: name \
                          them with --features",
        ));
    }
    let scratch = registry
        .map(|(name, version)| Workspace::new(name, version, request))
        .transpose()?;
    let manifest = match (&scratch, &request.manifest) {
        (Some(scratch), _) => scratch.folder.path().join("Cargo.toml"),
        (None, Some(manifest)) => manifest.clone(),
        (None, None) => PathBuf::from("Cargo.toml"),
    };
    if !manifest.is_file() {
        return Err(Error::NoFile(manifest));
    }
    let metadata = metadata(&manifest)?;
    let wanted = registry.map(|(name, _)| name).or(package);
    let package = choose(&metadata, wanted, &manifest)?;
    // A build takes long: what is missing is said before.
    let config = request.config(package)?;
    let mut words = of_manifest("check", &manifest);
    words.push("--message-format=json".to_owned());
    if scratch.is_none() {
        words.extend(["--package".to_owned(), text(package, "name")]);
        words.extend(request.feature_words());
    }
    let built = Built::parse(&cargo(&words)?);
    let mut found = describe(&metadata, package, &built)?;
    found.includes.extend(config.include.iter().cloned());
    found.libraries.extend(config.libraries.iter().cloned());
    found.config = config;
    Ok((found, scratch.map(|scratch| scratch.folder)))
}

fn metadata(manifest: &Path) -> Result<Value, Error> {
    let mut words = of_manifest("metadata", manifest);
    words.extend(["--format-version", "1"].map(str::to_owned));
    serde_json::from_str(&cargo(&words)?)
        .map_err(|error| wrong(format!("cargo metadata: {error}")))
}

/// The words of `cargo WORD` for the package of `manifest`.
fn of_manifest(word: &str, manifest: &Path) -> Vec<String> {
    let manifest = manifest.to_string_lossy().into_owned();
    vec![word.to_owned(), "--manifest-path".to_owned(), manifest]
}

impl Request {
    /// How Cargo is told of the features.
    fn feature_words(&self) -> Vec<String> {
        let mut words = vec![];
        if !self.features.is_empty() {
            words.extend(["--features".to_owned(), self.features.join(",")]);
        }
        if self.all_features {
            words.push("--all-features".to_owned());
        }
        if self.no_default_features {
            words.push("--no-default-features".to_owned());
        }
        words
    }
}

/// The package that is meant: the one of that name, else the one of this
/// manifest, else the workspace's only one.
fn choose<'m>(
    metadata: &'m Value,
    wanted: Option<&str>,
    manifest: &Path,
) -> Result<&'m Value, Error> {
    let packages = list(metadata, "packages");
    if let Some(name) = wanted {
        let found = packages.iter().filter(|one| text(one, "name") == name);
        let found: Vec<_> = found.collect();
        return match found.as_slice() {
            [one] => Ok(one),
            [] => Err(wrong(format!("there is no package {name}"))),
            _ => Err(wrong(format!(
                "there are several packages {name}: say --package \
                 {name}@VERSION"
            ))),
        };
    }
    let same = |one: &&Value| {
        let theirs = fs::canonicalize(text(one, "manifest_path")).ok();
        theirs.is_some() && theirs == fs::canonicalize(manifest).ok()
    };
    if let Some(one) = packages.iter().find(same) {
        return Ok(one);
    }
    let members = list(metadata, "workspace_members");
    let found = packages.iter().filter(|one| members.contains(&one["id"]));
    let found: Vec<_> = found.collect();
    match found.as_slice() {
        [one] => Ok(one),
        _ => Err(wrong(format!(
            "the workspace has {} packages: name one with --package",
            found.len()
        ))),
    }
}

impl Built {
    fn parse(messages: &str) -> Self {
        let mut found = Self::default();
        for line in messages.lines() {
            let Ok(message) = serde_json::from_str::<Value>(line) else {
                continue;
            };
            let id = text(&message, "package_id");
            match message["reason"].as_str() {
                Some("build-script-executed") => {
                    found.scripts.insert(id, message);
                }
                Some("compiler-artifact") => {
                    let kinds = list(&message["target"], "kind");
                    if kinds.iter().any(|kind| {
                        matches!(
                            kind.as_str(),
                            Some("lib" | "rlib" | "staticlib" | "cdylib")
                        )
                    }) {
                        found.libraries.insert(id, message);
                    }
                }
                _ => {}
            }
        }
        found
    }
}

fn describe(
    metadata: &Value,
    package: &Value,
    built: &Built,
) -> Result<Package, Error> {
    let id = text(package, "id");
    let name = text(package, "name");
    let Some(library) = built.libraries.get(&id) else {
        return Err(wrong(format!("{name} has no library target")));
    };
    let manifest = PathBuf::from(text(package, "manifest_path"));
    let folder = manifest.parent().unwrap_or(Path::new("")).to_path_buf();
    let mut found = Package {
        name: format!("{name} {}", text(package, "version")),
        source: text(&library["target"], "src_path").into(),
        features: texts(library, "features"),
        folder: folder.clone(),
        ..Package::default()
    };
    if let Some(script) = built.scripts.get(&id) {
        found.script(script);
    }
    found.told_by_others(metadata, &id, built);
    let mut graph = Graph {
        metadata,
        built,
        crates: vec![],
        known: BTreeMap::new(),
    };
    found.uses = graph.uses(&id);
    found.crates = graph.crates;
    let links = text(package, "links");
    found.vendored &= !found.libraries.contains(&links);
    found.installed(&links);
    Ok(found)
}

impl Package {
    /// The folders of headers that packages below this one name, the nearest
    /// first: a header includes those of the libraries that its own needs.
    fn told_by_others(&mut self, metadata: &Value, id: &str, built: &Built) {
        let mut all = vec![id.to_owned()];
        let mut at = 0;
        while at < all.len() {
            for (_, package) in dependencies(metadata, &all[at]) {
                if all.contains(&package) {
                    continue;
                }
                if let Some(script) = built.scripts.get(&package) {
                    self.includes.extend(metadata_of(script));
                }
                all.push(package);
            }
            at += 1;
        }
    }

    fn script(&mut self, script: &Value) {
        self.cfgs = texts(script, "cfgs");
        let out_dir = PathBuf::from(text(script, "out_dir"));
        self.includes.extend(metadata_of(script));
        let own = out_dir.join("include");
        self.includes.extend(own.is_dir().then_some(own));
        let paths: Vec<PathBuf> = texts(script, "linked_paths")
            .iter()
            .map(|path| path.split_once('=').map_or(&**path, |(_, p)| p).into())
            .collect();
        for library in texts(script, "linked_libs") {
            let (kind, name) = match library.split_once('=') {
                Some((kind, name)) => (kind.to_owned(), name.to_owned()),
                None => (String::new(), library),
            };
            let files = ["so", "a"].map(|end| format!("lib{name}.{end}"));
            let file = paths
                .iter()
                .flat_map(|path| files.iter().map(|file| path.join(file)))
                .find(|path| path.is_file());
            let ours = file.as_ref().is_some_and(|f| f.starts_with(&out_dir));
            self.vendored |= kind.starts_with("static") && ours;
            let name =
                file.map_or(name, |file| file.to_string_lossy().into_owned());
            self.libraries.push(name);
        }
        self.asked = asked_of(&out_dir);
        for pair in list(script, "env") {
            if let (Some(name), Some(value)) =
                (pair[0].as_str(), pair[1].as_str())
            {
                self.variables.insert(name.to_owned(), value.to_owned());
            }
        }
        self.out_dir = Some(out_dir);
    }

    /// Ask pkg-config, where no build script said where the headers are, and
    /// for the version.
    fn installed(&mut self, links: &str) {
        let linked = self.libraries.iter().map(String::as_str);
        let linked = linked.filter(|name| !name.contains('/'));
        let guessed = [links]
            .into_iter()
            .chain(linked)
            .filter(|name| !name.is_empty())
            .flat_map(|name| {
                [name.to_owned(), format!("lib{name}"), format!("{name}lib")]
            });
        let asked = self.asked.iter().cloned();
        let names: Vec<String> = asked.chain(guessed).collect();
        for name in names {
            let wanted = self.asked.contains(&name);
            if self.installed.is_some() && !wanted {
                return;
            }
            let Some(version) = pkg_config(&["--modversion", &name]) else {
                continue;
            };
            let flags = pkg_config(&["--cflags-only-I", &name]);
            let flags = flags.unwrap_or_default();
            if !self.vendored {
                let folders = flags.split_whitespace();
                self.includes.extend(
                    folders
                        .filter_map(|flag| flag.strip_prefix("-I"))
                        .map(PathBuf::from),
                );
            }
            self.installed.get_or_insert((name, version));
        }
    }

    /// Where the compiler finds the header that one includes as `name`, with
    /// these flags; or the crate's own file of that name.
    pub fn header(
        &self,
        name: &str,
        cc: &str,
        cflags: &[String],
    ) -> Result<PathBuf, Error> {
        let folders = self.includes.iter();
        let flags = folders.map(|folder| format!("-I{}", folder.display()));
        let more = cflags.iter().chain(&self.config.cflags);
        let flags: Vec<_> = flags.chain(more.cloned()).collect();
        let found = compiler::find_header(name, cc, &flags)?;
        let own = self.folder.join(name);
        let path = match found {
            Ok(path) => path,
            Err(_) if own.is_file() => own,
            Err(said) => return Err(wrong(format!("{}: {said}", self.name))),
        };
        let path = fs::canonicalize(&path).unwrap_or(path);
        if self.vendored && !self.owns(&path) {
            return Err(wrong(format!(
                "{} builds the library itself, and {} belongs to another \
                 copy of it: what differs may be the version",
                self.name,
                path.display()
            )));
        }
        Ok(path)
    }

    fn owns(&self, path: &Path) -> bool {
        let folders = self.out_dir.iter().chain([&self.folder]);
        folders
            .filter_map(|folder| fs::canonicalize(folder).ok())
            .any(|folder| path.starts_with(folder))
            || self
                .includes
                .iter()
                .filter_map(|folder| fs::canonicalize(folder).ok())
                .any(|folder| {
                    path.starts_with(&folder) && !folder.starts_with("/usr")
                })
    }
}

/// What a build script told other packages, and what of it is a folder of
/// headers: `DEP_Z_INCLUDE`, `DEP_Z_ROOT`. No name of a key is a rule, so that
/// each is taken that speaks of headers and names a folder.
fn metadata_of(script: &Value) -> Vec<PathBuf> {
    let out_dir = PathBuf::from(text(script, "out_dir"));
    let output = out_dir.parent().map(|folder| folder.join("output"));
    let output = output.and_then(|path| fs::read_to_string(path).ok());
    let output = output.unwrap_or_default();
    let mut includes = vec![];
    for line in output.lines() {
        let line = line
            .strip_prefix("cargo::metadata=")
            .or_else(|| line.strip_prefix("cargo:"))
            .filter(|line| !line.starts_with(':'));
        let Some((key, value)) = line.and_then(|line| line.split_once('='))
        else {
            continue;
        };
        let key = key.to_lowercase();
        if key.starts_with("rustc-") || key.starts_with("rerun-if-") {
            continue;
        }
        let whole = std::env::split_paths(value);
        let parts = value.split([';', ',']).map(PathBuf::from);
        let folders: Vec<PathBuf> = whole.chain(parts).collect();
        if key.contains("inc") || key.contains("header") {
            includes.extend(folders);
        } else if matches!(&*key, "root" | "prefix" | "install_dir") {
            includes.extend(folders.into_iter().map(|one| one.join("include")));
        }
    }
    let mut known = BTreeSet::new();
    includes.retain(|path| {
        path.is_absolute() && path.is_dir() && known.insert(path.clone())
    });
    includes
}

/// The names that a build script asked pkg-config for. The crate `pkg-config`
/// looks at `DBUS_1_NO_PKG_CONFIG` before it asks for `dbus-1`.
fn asked_of(out_dir: &Path) -> Vec<String> {
    let output = out_dir.parent().map(|folder| folder.join("output"));
    let output = output.and_then(|path| fs::read_to_string(path).ok());
    let output = output.unwrap_or_default();
    let mut found = vec![];
    for line in output.lines() {
        let Some((_, name)) = line.split_once("rerun-if-env-changed=") else {
            continue;
        };
        if let Some(name) = name.strip_suffix("_NO_PKG_CONFIG") {
            let name = name.to_ascii_lowercase();
            found.extend([name.replace('_', "-"), name]);
        }
    }
    found
}

/// The node of Cargo's graph for the package `id`.
fn node<'m>(metadata: &'m Value, id: &str) -> Option<&'m Value> {
    let nodes = list(&metadata["resolve"], "nodes");
    nodes.iter().find(|node| text(node, "id") == id)
}

/// The packages that `id` depends on: the name that it has for each, and its
/// id. Those of tests and build scripts alone are not among them.
fn dependencies(metadata: &Value, id: &str) -> Vec<(String, String)> {
    let all = node(metadata, id).map_or(&[][..], |node| list(node, "deps"));
    let normal = all.iter().filter(|one| {
        list(one, "dep_kinds")
            .iter()
            .any(|kind| kind["kind"].is_null())
    });
    normal
        .map(|one| (text(one, "name"), text(one, "pkg")))
        .collect()
}

/// The crates below a package, each once.
struct Graph<'m> {
    metadata: &'m Value,
    built: &'m Built,
    crates: Vec<Source>,
    /// By the package's id.
    known: BTreeMap<String, usize>,
}

impl Graph<'_> {
    fn uses(&mut self, id: &str) -> Vec<(String, usize)> {
        let mut all = vec![];
        for (name, package) in dependencies(self.metadata, id) {
            if let Some(at) = self.known.get(&package) {
                all.push((name, *at));
            } else if let Some(mut new) = self.source(&package) {
                new.uses = self.uses(&package);
                let at = self.crates.len();
                self.crates.push(new);
                self.known.insert(package, at);
                all.push((name, at));
            }
        }
        all
    }

    /// The library of a package, as it was compiled.
    fn source(&self, id: &str) -> Option<Source> {
        let all = list(self.metadata, "packages");
        let package = all.iter().find(|one| text(one, "id") == id)?;
        let targets = list(package, "targets");
        let procedural = targets.iter().any(|target| {
            list(target, "kind").iter().any(|kind| kind == "proc-macro")
        });
        let name =
            format!("{} {}", text(package, "name"), text(package, "version"));
        if procedural {
            return Some(Source {
                name,
                procedural,
                ..Source::default()
            });
        }
        // What was not compiled is not for this target.
        let library = self.built.libraries.get(id)?;
        let features = texts(library, "features").into_iter();
        let mut cfgs: Vec<String> =
            features.map(|one| format!("feature=\"{one}\"")).collect();
        let manifest = PathBuf::from(text(package, "manifest_path"));
        let folder = manifest.parent().unwrap_or(Path::new(""));
        let folder = folder.to_string_lossy().into_owned();
        let mut environment = BTreeMap::new();
        environment.insert("CARGO_MANIFEST_DIR".to_owned(), folder);
        if let Some(script) = self.built.scripts.get(id) {
            cfgs.extend(texts(script, "cfgs"));
            environment.insert("OUT_DIR".to_owned(), text(script, "out_dir"));
        }
        Some(Source {
            name,
            path: text(&library["target"], "src_path").into(),
            cfgs,
            environment,
            ..Source::default()
        })
    }
}

fn pkg_config(arguments: &[&str]) -> Option<String> {
    let output = Command::new("pkg-config").args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}

fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_default().to_owned()
}

fn list<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value[key].as_array().map_or(&[], Vec::as_slice)
}

fn texts(value: &Value, key: &str) -> Vec<String> {
    let all = list(value, key).iter();
    all.filter_map(|one| one.as_str().map(str::to_owned))
        .collect()
}
