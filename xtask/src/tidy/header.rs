//! Every source file begins by saying its job.

use super::Complaint;
use super::source::SourceFile;

/// Complains about Rust files, tests excepted, that do not begin with a `//!` comment.
pub(super) fn check(file: &SourceFile) -> Vec<Complaint> {
    let begins = file.text.trim_start().starts_with("//!");
    if !file.is("rs") || file.is_test() || begins {
        return Vec::new();
    }
    vec![Complaint::new(
        file,
        1,
        "begin with a `//!` comment that says what this file is for",
    )]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::source::sample;

    #[test]
    fn a_file_says_its_job_first() {
        let cases = [
            ("common/src/ids.rs", "//! Names.\n", 0),
            ("common/src/ids.rs", "use std::fmt;\n//! Names.\n", 1),
            ("common/src/ids.rs", "", 1),
            ("backend/build.rs", "fn main() {}", 1),
            ("backend/src/room/tests.rs", "use super::*;", 0),
            ("backend/tests/fan_out.rs", "use common::*;", 0),
            ("README.md", "# Hubbub", 0),
        ];
        for (path, text, complaints) in cases {
            assert_eq!(
                check(&sample(path, text)).len(),
                complaints,
                "{path}: {text}"
            );
        }
    }
}
