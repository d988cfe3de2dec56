//! A number that changes when any of a set of files does, to know when a build can be left out.

use anyhow::{Context, Result};
use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};

/// Hashes names and contents (not times, which a checkout changes) of the files and folders named,
/// leaving out the folders in `except`. `extra` is what else the build depends on.
///
/// The hash is the standard library's: another compiler may give another number, and costs a
/// rebuild, which is right.
pub(crate) fn fingerprint(
    root: &Path,
    inputs: &[&str],
    except: &[&str],
    extra: &[&str],
) -> Result<String> {
    let except: Vec<PathBuf> = except.iter().map(|path| root.join(path)).collect();
    let mut files = Vec::new();
    for input in inputs {
        collect(&root.join(input), &except, &mut files)?;
    }
    files.sort();
    let mut hasher = DefaultHasher::new();
    extra.hash(&mut hasher);
    for file in files {
        file.strip_prefix(root).unwrap_or(&file).hash(&mut hasher);
        let bytes = fs::read(&file).with_context(|| format!("reading {}", file.display()))?;
        bytes.hash(&mut hasher);
    }
    Ok(format!("{:016x}", hasher.finish()))
}

/// Adds a file, or every file beneath a folder. What does not exist is no input.
fn collect(path: &Path, except: &[PathBuf], files: &mut Vec<PathBuf>) -> Result<()> {
    if path.is_file() {
        files.push(path.to_owned());
    } else if path.is_dir() && !except.iter().any(|folder| folder == path) {
        for entry in fs::read_dir(path).with_context(|| format!("listing {}", path.display()))? {
            collect(&entry?.path(), except, files)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_matters_changes_the_fingerprint() {
        let root = std::env::temp_dir().join(format!("fingerprint-{}", std::process::id()));
        fs::create_dir_all(root.join("page/tests")).unwrap();
        fs::write(root.join("page/main.rs"), "fn main() {}").unwrap();
        let of = |extra| fingerprint(&root, &["page", "absent"], &["page/tests"], extra).unwrap();
        let first = of(&["1"]);

        fs::write(root.join("page/tests/a.rs"), "left out").unwrap();
        fs::write(root.join("page/main.rs"), "fn main() {}").unwrap();
        assert_eq!(
            of(&["1"]),
            first,
            "neither an excepted folder nor a new time matters"
        );
        assert_ne!(of(&["2"]), first, "a tool's version matters");

        fs::write(root.join("page/main.rs"), "fn main() { }").unwrap();
        let second = of(&["1"]);
        assert_ne!(second, first, "contents matter");
        fs::rename(root.join("page/main.rs"), root.join("page/app.rs")).unwrap();
        assert_ne!(of(&["1"]), second, "names matter");
        fs::remove_dir_all(root).unwrap();
    }
}
