// SPDX-License-Identifier: MIT OR Apache-2.0
//! The crates that a crate depends on: read when a name of theirs is needed,
//! and then as far as their own cfgs let.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::rc::Rc;

use crate::read::items::Crate;
use crate::read::rust::{Given, read_crate};
use crate::read::source::Files;
use crate::target::Target;

/// A crate that another one may name.
#[derive(Debug, Clone, Default)]
pub struct Source {
    /// What messages call it.
    pub name: String,
    /// The root of its library.
    pub path: PathBuf,
    /// Its features and cfgs, as `--cfg` has them.
    pub cfgs: Vec<String>,
    /// What `env!` gives in it.
    pub environment: BTreeMap<String, String>,
    /// What it calls other crates, and where they stand in the list.
    pub uses: Vec<(String, usize)>,
    /// It is a program that the compiler runs: a procedural macro.
    pub procedural: bool,
}

/// The crates that a crate names, by the names that it has for them.
pub type Dependencies = BTreeMap<String, Rc<Dependency>>;

/// A crate that is read when it is needed.
#[derive(Debug)]
pub struct Dependency {
    source: Source,
    target: Target,
    dependencies: Dependencies,
    read: OnceCell<Result<Crate, String>>,
}

impl Dependency {
    /// What it declares; or why that is not known.
    pub fn get(&self) -> Result<&Crate, String> {
        let read = self.read.get_or_init(|| self.read());
        read.as_ref().map_err(Clone::clone)
    }

    /// Whether it is a procedural macro.
    pub fn procedural(&self) -> bool {
        self.source.procedural
    }

    fn read(&self) -> Result<Crate, String> {
        if self.source.procedural {
            return Err(format!("{} is a procedural macro", self.source.name));
        }
        let mut target = self.target.clone();
        for cfg in &self.source.cfgs {
            target.insert(cfg);
        }
        let given = Given {
            environment: self.source.environment.clone(),
            dependencies: self.dependencies.clone(),
        };
        let path = self.source.path.clone();
        read_crate(&[path], &mut Files::default(), &target, given).map_err(
            |error| format!("{} cannot be read: {error}", self.source.name),
        )
    }
}

/// The crates of `uses`, compiled for `target`. A crate of `sources` uses only
/// crates that are not used by what it uses itself.
pub fn dependencies(
    sources: &[Source],
    uses: &[(String, usize)],
    target: &Target,
) -> Dependencies {
    let mut known = BTreeMap::new();
    link(sources, uses, target, &mut known)
}

fn link(
    sources: &[Source],
    uses: &[(String, usize)],
    target: &Target,
    known: &mut BTreeMap<usize, Rc<Dependency>>,
) -> Dependencies {
    let mut all = Dependencies::new();
    for (name, at) in uses {
        let dependency = if let Some(found) = known.get(at) {
            Rc::clone(found)
        } else {
            let source = sources[*at].clone();
            let new = Rc::new(Dependency {
                dependencies: link(sources, &source.uses, target, known),
                source,
                target: target.clone(),
                read: OnceCell::new(),
            });
            known.insert(*at, Rc::clone(&new));
            new
        };
        all.insert(name.clone(), dependency);
    }
    all
}
