//! Links between documents lead somewhere: every relative link in a Markdown file names a file.

use super::Complaint;
use super::source::SourceFile;
use std::path::Path;

/// Complains about relative links and images whose file does not exist.
pub(super) fn check(root: &Path, file: &SourceFile) -> Vec<Complaint> {
    if !file.is("md") {
        return Vec::new();
    }
    let folder = root
        .join(&file.path)
        .parent()
        .map(Path::to_owned)
        .unwrap_or_default();
    let mut complaints = Vec::new();
    for (number, target) in targets(&file.text) {
        let place = if target.starts_with('/') {
            root
        } else {
            &folder
        };
        if !place.join(target.trim_start_matches('/')).exists() {
            let text = format!("the link to {target} leads nowhere");
            complaints.push(Complaint::new(file, number, text));
        }
    }
    complaints
}

/// The files that links name, without their anchors; what stands in code is no link.
fn targets(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut in_code = false;
    for (index, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        } else if !in_code {
            let prose = without_code(line);
            let inline = prose
                .split("](")
                .skip(1)
                .map(|rest| up_to(rest, &[')', ' ']));
            let html = prose
                .split("src=\"")
                .skip(1)
                .map(|rest| up_to(rest, &['"']));
            let reference = prose
                .strip_prefix('[')
                .and_then(|rest| rest.split_once("]: "));
            let reference = reference.map(|(_, target)| up_to(target, &[' ']));
            let files = inline.chain(html).chain(reference).filter_map(file_of);
            found.extend(files.map(|target| (index + 1, target)));
        }
    }
    found
}

/// The line with its `code spans` cut out.
fn without_code(line: &str) -> String {
    line.split('`').step_by(2).collect::<Vec<_>>().join("` `")
}

fn up_to<'a>(text: &'a str, ends: &[char]) -> &'a str {
    text.split(ends).next().unwrap_or_default()
}

fn file_of(target: &str) -> Option<String> {
    let elsewhere = target.contains("://") || target.starts_with("mailto:");
    let file = target
        .trim_matches(['<', '>'])
        .split('#')
        .next()
        .unwrap_or_default();
    (!elsewhere && !file.is_empty()).then(|| file.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::source::sample;

    #[test]
    fn links_are_found_in_prose_and_not_in_code() {
        let cases: &[(&str, &[&str])] = &[
            (
                "see [a](docs/a.md) and [b](b.md#part \"title\")",
                &["docs/a.md", "b.md"],
            ),
            ("![shot](docs/shot.png)", &["docs/shot.png"]),
            (
                "<img src=\"docs/shot.png\" width=\"400\">",
                &["docs/shot.png"],
            ),
            ("[a]: docs/a.md", &["docs/a.md"]),
            (
                "[top](#top) [web](https://example.org/a.md) [mail](mailto:a@example.org)",
                &[],
            ),
            ("call `f[0](x)` now", &[]),
            ("```\n[a](b.md)\n```", &[]),
        ];
        for (text, expected) in cases {
            let found: Vec<String> = targets(text)
                .into_iter()
                .map(|(_, target)| target)
                .collect();
            assert_eq!(&found, expected, "{text}");
        }
    }

    #[test]
    fn a_link_is_relative_to_its_document() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let check = |path, text| check(root, &sample(path, text)).len();
        assert_eq!(check("notes.md", "[it](src/main.rs) [lost](main.rs)"), 1);
        assert_eq!(
            check(
                "src/notes.md",
                "[it](main.rs) [up](../Cargo.toml) [/](/src)"
            ),
            0
        );
    }
}
