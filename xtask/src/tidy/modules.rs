//! The modules of every crate in the tree and the references between them, read from file names and the
//! paths in the code. Imports are followed to the module that an item comes from.

use super::codepath::{CodePath, Import, paths};
use super::size::test_modules;
use super::source::SourceFile;
use std::collections::BTreeMap;

/// How many imports are followed from one path. Imports may refer to each other, so there is a limit.
const IMPORTS_FOLLOWED_MAX: usize = 8;

/// A module's path from the crate's root, `["hub", "registry"]`; empty for the root.
pub(super) type ModulePath = Vec<String>;

/// The source of one crate.
pub(super) struct Crate<'a> {
    /// The folder of the crate's manifest: `backend`.
    pub(super) folder: String,
    modules: BTreeMap<ModulePath, Module<'a>>,
}

/// One source file. Modules inside a file belong to it.
struct Module<'a> {
    file: &'a SourceFile,
    paths: Vec<CodePath>,
}

/// A place where one module names another.
pub(super) struct Reference<'a> {
    pub(super) file: &'a SourceFile,
    pub(super) line: usize,
    pub(super) from: ModulePath,
    pub(super) to: ModulePath,
}

/// Collects the crates of the tree, without their tests, which may use any module.
pub(super) fn crates(files: &[SourceFile]) -> Vec<Crate<'_>> {
    let mut crates: BTreeMap<String, Crate> = BTreeMap::new();
    for file in files {
        let Some((folder, module)) = module_of(file) else {
            continue;
        };
        let tests = test_modules(&file.text);
        let in_tests = |line| {
            let holds = |(start, length): &(usize, usize)| (*start..start + length).contains(&line);
            tests.iter().any(holds)
        };
        let mut paths = paths(&file.text);
        paths.retain(|path| !in_tests(path.line));
        let krate = crates.entry(folder.clone()).or_insert_with(|| Crate {
            folder,
            modules: BTreeMap::new(),
        });
        krate.modules.insert(module, Module { file, paths });
    }
    crates.into_values().collect()
}

/// The crate's folder and the module that a file is, if it is a part of a crate and no test.
fn module_of(file: &SourceFile) -> Option<(String, ModulePath)> {
    if !file.is("rs") || file.is_test() {
        return None;
    }
    let (folder, path) = file.path.split_once("/src/")?;
    let path = path.strip_suffix(".rs")?;
    let module = match path {
        "lib" => Vec::new(),
        _ => path.split('/').map(str::to_owned).collect(),
    };
    Some((folder.to_owned(), module))
}

impl<'a> Crate<'a> {
    /// Every module and its file.
    pub(super) fn files(&self) -> impl Iterator<Item = (&ModulePath, &'a SourceFile)> {
        let modules = self.modules.iter();
        modules.map(|(path, module)| (path, module.file))
    }

    /// Every place where one module of the crate names another.
    pub(super) fn references(&self) -> Vec<Reference<'a>> {
        let mut references = Vec::new();
        for (from, module) in &self.modules {
            for path in &module.paths {
                let to = self.resolve(from, &path.segments, IMPORTS_FOLLOWED_MAX);
                references.extend(to.filter(|to| to != from).map(|to| Reference {
                    file: module.file,
                    line: path.line,
                    from: from.clone(),
                    to,
                }));
            }
        }
        references
    }

    /// The module that a path in the module `from` refers to; none for other crates.
    ///
    /// A `super` inside an inline module is resolved as if it stood outside, one level too high.
    fn resolve(&self, from: &[String], path: &[String], imports_left: usize) -> Option<ModulePath> {
        let first = path.first()?.as_str();
        let ups = path.iter().take_while(|segment| *segment == "super");
        let ups = ups.count();
        let (mut at, rest) = match first {
            "crate" => (Vec::new(), path.get(1..)?),
            "self" => (from.to_vec(), path.get(1..)?),
            "super" => {
                let depth = from.len().checked_sub(ups)?;
                (from.get(..depth)?.to_vec(), path.get(ups..)?)
            }
            _ if self.child(from, first).is_some() => (from.to_vec(), path),
            _ if from == ["main"] && self.is_library_name(first) => (Vec::new(), path.get(1..)?),
            _ => {
                let imported = self.import(from, first).filter(|_| imports_left > 0)?;
                let path = [imported, path.get(1..)?].concat();
                return self.resolve(from, &path, imports_left - 1);
            }
        };
        for (index, segment) in rest.iter().enumerate() {
            if let Some(child) = self.child(&at, segment) {
                at = child;
            } else {
                let imported = self.import(&at, segment).filter(|_| imports_left > 0);
                let Some(imported) = imported else { break };
                let path = [imported, rest.get(index + 1..)?].concat();
                return self.resolve(&at, &path, imports_left - 1).or(Some(at));
            }
        }
        Some(at)
    }

    /// Whether this is the library's name, by which the crate's program refers to it.
    fn is_library_name(&self, name: &str) -> bool {
        self.folder.rsplit('/').next() == Some(name)
    }

    fn child(&self, module: &[String], name: &str) -> Option<ModulePath> {
        let mut child = module.to_vec();
        child.push(name.to_owned());
        self.modules.contains_key(&child).then_some(child)
    }

    /// The path that a module imports under this name.
    fn import(&self, module: &[String], name: &str) -> Option<&[String]> {
        let module = match module {
            // A program without a library has its root in `main.rs`.
            [] if !self.modules.contains_key(module) => &["main".to_owned()],
            _ => module,
        };
        let paths = &self.modules.get(module)?.paths;
        let named = |path: &&CodePath| matches!(&path.import, Some(Import::Name(n)) if n == name);
        paths
            .iter()
            .find(named)
            .map(|path| path.segments.as_slice())
    }
}
