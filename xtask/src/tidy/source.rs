//! The files of the tree, read once for all rules.

use anyhow::{Context, Result};
use std::fs;
use std::path::Path;

/// What tidy reads; other files (images, lock files, golden JSON) follow no convention of ours.
const EXTENSIONS: &[&str] = &["rs", "toml", "css", "html", "md", "js", "sh", "sql", "yml"];

/// Folders of other people's or generated files, whatever their place.
const SKIPPED_FOLDERS: &[&str] = &["target", "data", "node_modules", ".git", "corpus"];

/// A text file of the tree.
pub(super) struct SourceFile {
    /// Relative to the root, with forward slashes.
    pub(super) path: String,
    pub(super) text: String,
}

impl SourceFile {
    pub(super) fn is(&self, extension: &str) -> bool {
        Path::new(&self.path)
            .extension()
            .is_some_and(|found| found == extension)
    }

    /// Rust that is only there to test: a sibling `tests.rs`, or a folder of integration tests,
    /// benchmarks or fuzz targets.
    pub(super) fn is_test(&self) -> bool {
        self.path.ends_with("/tests.rs")
            || ["tests", "benches", "fuzz"]
                .iter()
                .any(|name| self.path.split('/').any(|f| f == *name))
    }

    /// The lines with their numbers, which begin at 1.
    pub(super) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text
            .lines()
            .enumerate()
            .map(|(index, line)| (index + 1, line))
    }

    /// Whether the file is `place.rs`, or lies beneath the folder `place`, or is that very file.
    pub(super) fn is_in(&self, place: &str) -> bool {
        let rest = self.path.strip_prefix(place);
        rest.is_some_and(|rest| rest.is_empty() || rest == ".rs" || rest.starts_with('/'))
    }
}

/// Reads every file that a rule might be for, in order of path.
pub(super) fn read_tree(root: &Path) -> Result<Vec<SourceFile>> {
    let mut files = Vec::new();
    walk(root, "", &mut files)?;
    files.sort_by(|left, right| left.path.cmp(&right.path));
    Ok(files)
}

fn walk(folder: &Path, prefix: &str, files: &mut Vec<SourceFile>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("listing {}", folder.display()))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let (path, kind) = (format!("{prefix}{name}"), entry.file_type()?);
        let skipped = SKIPPED_FOLDERS.contains(&name.as_str());
        if kind.is_dir() && !skipped {
            walk(&entry.path(), &format!("{path}/"), files)?;
        } else if kind.is_file()
            && EXTENSIONS
                .iter()
                .any(|known| name.ends_with(&format!(".{known}")))
        {
            let text =
                fs::read_to_string(entry.path()).with_context(|| format!("reading {path}"))?;
            files.push(SourceFile { path, text });
        }
    }
    Ok(())
}

/// A file for the unit tests of the rules.
#[cfg(test)]
pub(super) fn sample(path: &str, text: &str) -> SourceFile {
    SourceFile {
        path: path.to_owned(),
        text: text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_file_or_the_folder_beside_it() {
        let cases = [
            ("backend/src/store.rs", "backend/src/store", true),
            ("backend/src/store/sqlite.rs", "backend/src/store", true),
            ("backend/src/storefront.rs", "backend/src/store", false),
            ("backend/src/store.rs", "backend/src/store.rs", true),
            ("frontend/src/main.rs", "backend/src", false),
        ];
        for (path, place, expected) in cases {
            assert_eq!(sample(path, "").is_in(place), expected, "{path} in {place}");
        }
    }
}
