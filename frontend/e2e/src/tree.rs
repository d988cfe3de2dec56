//! A copy of the source tree, to be edited by a test as a developer would edit the real one.

use crate::place::{root, target_dir};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// What is not source.
const LEFT_OUT: &[&str] = &["target", "data", ".git", "node_modules"];

/// A copy in the target directory. It stays there, and only what differs is copied the next time, so
/// that cargo need not compile it all again.
pub struct TreeCopy {
    root: PathBuf,
}

impl TreeCopy {
    /// Brings the copy up to date with the tree.
    #[must_use]
    pub fn refresh() -> Self {
        let copy = Self {
            root: target_dir().join("tree-to-edit"),
        };
        mirror(&root(), &copy.root);
        copy
    }

    /// The root of the copy.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Writes a line to the end of a file of the copy.
    pub fn append(&self, file: &str, line: &str) {
        let path = self.root.join(file);
        let mut text = fs::read_to_string(&path).expect("the file to edit is in the copy");
        text.push_str(line);
        text.push('\n');
        fs::write(&path, text).expect("editing the copy");
    }
}

/// Makes one folder like another.
fn mirror(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder for the copy");
    let wanted = names(from);
    for name in names(to).difference(&wanted) {
        remove(&to.join(name));
    }
    for name in wanted {
        let (from, to) = (from.join(&name), to.join(&name));
        if from.is_dir() {
            mirror(&from, &to);
        } else if fs::read(&from).ok() != fs::read(&to).ok() {
            fs::copy(&from, &to).expect("copying a file of the tree");
        }
    }
}

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).expect("listing a folder of the tree");
    let names = entries
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned());
    names
        .filter(|name| !LEFT_OUT.contains(&name.as_str()))
        .collect()
}

fn remove(path: &Path) {
    let removed = if path.is_dir() {
        fs::remove_dir_all(path)
    } else {
        fs::remove_file(path)
    };
    removed.expect("removing what the tree no longer has");
}
