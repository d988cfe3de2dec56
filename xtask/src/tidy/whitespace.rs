//! No tabs, no spaces at the end of a line, one line break at the end of a file.

use super::Complaint;
use super::source::SourceFile;

/// Complains about whitespace that nobody sees and every diff shows.
pub(super) fn check(file: &SourceFile) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for (number, line) in file.lines() {
        if line.contains('\t') {
            complaints.push(Complaint::new(file, number, "a tab: use spaces"));
        }
        if line.ends_with([' ', '\t', '\r']) {
            complaints.push(Complaint::new(
                file,
                number,
                "whitespace at the end of the line",
            ));
        }
    }
    if !file.text.is_empty() && (!file.text.ends_with('\n') || file.text.ends_with("\n\n")) {
        let last = file.text.lines().count();
        complaints.push(Complaint::new(
            file,
            last,
            "end the file with exactly one line break",
        ));
    }
    complaints
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::source::sample;

    #[test]
    fn invisible_differences_are_seen() {
        let cases = [
            ("a\nb\n", 0),
            ("", 0),
            ("a \n", 1),
            ("\ta\n", 1),
            ("a\t\n", 2),
            ("a", 1),
            ("a\n\n", 1),
        ];
        for (text, complaints) in cases {
            assert_eq!(check(&sample("a.toml", text)).len(), complaints, "{text:?}");
        }
    }
}
