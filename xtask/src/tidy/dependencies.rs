//! What `common` may depend on: it runs in a browser, in the server and in other people's programs.

use super::Complaint;
use super::source::SourceFile;

const MANIFEST: &str = "common/Cargo.toml";

/// Pure crates: no I/O, no runtime, no clock, no randomness of their own. Add one with its reason.
const ALLOWED: &[&str] = &[
    "serde",               // the frames' shape
    "serde_json",          // the frames' text, and `data`, any JSON value
    "thiserror",           // errors with types
    "humantime",           // timestamps as text
    "memchr",              // finding a word in a frame
    "serde_path_to_error", // which field of a refused text is at fault
];

/// Complains about dependencies of `common` that are not on the list.
pub(super) fn check(file: &SourceFile) -> Vec<Complaint> {
    if file.path != MANIFEST {
        return Vec::new();
    }
    let mut complaints = Vec::new();
    let mut listing = false;
    for (number, line) in file.lines() {
        let line = line.split('#').next().unwrap_or_default().trim();
        if let Some(section) = line
            .strip_prefix('[')
            .and_then(|line| line.strip_suffix(']'))
        {
            // `[dependencies]`, `[target.….dependencies]`, or one crate as `[dependencies.serde]`.
            listing = section == "dependencies" || section.ends_with(".dependencies");
            let single = section
                .rsplit_once("dependencies.")
                .filter(|(before, _)| before.is_empty() || before.ends_with('.'));
            complaints.extend(single.and_then(|(_, krate)| complain(file, number, krate)));
        } else if listing && !line.is_empty() {
            let krate = line.split(['=', '.', ' ']).next().unwrap_or_default();
            complaints.extend(complain(file, number, krate));
        }
    }
    complaints
}

fn complain(file: &SourceFile, line: usize, krate: &str) -> Option<Complaint> {
    if ALLOWED.contains(&krate.trim_matches('"')) {
        return None;
    }
    let text = format!("common depends on {krate}, which is not on the list in xtask/src/tidy");
    Some(Complaint::new(file, line, text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::source::sample;

    fn check_sample(path: &str, text: &str, lines: &[usize]) {
        let found: Vec<usize> = check(&sample(path, text)).iter().map(|c| c.line).collect();
        assert_eq!(found, lines, "{text}");
    }

    #[test]
    fn common_takes_pure_crates_only() {
        let tokio = "[dependencies]\nserde.workspace = true\ntokio = \"1\" # why\n";
        check_sample(MANIFEST, tokio, &[3]);
        check_sample("backend/Cargo.toml", tokio, &[]);
        check_sample(MANIFEST, "[dev-dependencies]\ntokio = \"1\"\n", &[]);
        check_sample(
            MANIFEST,
            "[dependencies]\nserde = { version = \"1\" }\n\n[lints]\na = 1\n",
            &[],
        );
        check_sample(MANIFEST, "[dependencies.tokio]\nversion = \"1\"\n", &[1]);
        check_sample(
            MANIFEST,
            "[target.'cfg(unix)'.dependencies]\nlibc = \"1\"\n",
            &[2],
        );
        check_sample(
            MANIFEST,
            "[dev-dependencies.proptest]\nversion = \"1\"\n",
            &[],
        );
    }
}
