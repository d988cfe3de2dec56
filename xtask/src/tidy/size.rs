//! A file is short enough to be read in one sitting: 400 lines at most without its tests, which move
//! to a sibling `tests.rs` when they are longer than 80.

use super::Complaint;
use super::source::SourceFile;

const FILE_LINES_MAX: usize = 400;
const TEST_MODULE_LINES_MAX: usize = 80;

/// Complains about long files and long test modules. Files that are tests have no bound.
pub(super) fn check(file: &SourceFile) -> Vec<Complaint> {
    if !file.is("rs") || file.is_test() {
        return Vec::new();
    }
    let mut complaints = Vec::new();
    let modules = test_modules(&file.text);
    for (start, length) in modules
        .iter()
        .filter(|(_, length)| *length > TEST_MODULE_LINES_MAX)
    {
        let text = format!(
            "the test module has {length} lines, more than {TEST_MODULE_LINES_MAX}: move it to a \
             sibling tests.rs"
        );
        complaints.push(Complaint::new(file, *start, text));
    }
    let in_tests: usize = modules.iter().map(|(_, length)| length).sum();
    let length = file.text.lines().count() - in_tests;
    if length > FILE_LINES_MAX {
        let text = format!("{length} lines without tests, more than {FILE_LINES_MAX}: divide it");
        complaints.push(Complaint::new(file, FILE_LINES_MAX + 1, text));
    }
    complaints
}

/// Where each inline `#[cfg(test)]` module begins, and how many lines it has, attribute included.
///
/// Relies on rustfmt: the closing brace stands alone, as far in as the attribute does.
pub(super) fn test_modules(text: &str) -> Vec<(usize, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut modules = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let indent = line
            .strip_suffix("#[cfg(test)]")
            .filter(|indent| indent.trim().is_empty());
        let Some(indent) = indent else { continue };
        let head = lines
            .iter()
            .skip(index + 1)
            .find(|line| !line.trim_start().starts_with("#["));
        let is_module = head.is_some_and(|head| head.contains("mod ") && head.ends_with('{'));
        let closing = format!("{indent}}}");
        let length = lines.iter().skip(index).position(|line| *line == closing);
        if let (true, Some(length)) = (is_module, length) {
            modules.push((index + 1, length + 1));
        }
    }
    modules
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::source::sample;

    fn check_sample(path: &str, code: usize, tests: usize, lines: &[usize]) {
        let test_module = match tests {
            0 => String::new(),
            // Attribute, head and closing brace are lines too.
            _ => format!(
                "#[cfg(test)]\nmod tests {{\n{}}}\n",
                "    line\n".repeat(tests - 3)
            ),
        };
        let text = format!("{}{test_module}", "line\n".repeat(code));
        let found: Vec<usize> = check(&sample(path, &text)).iter().map(|c| c.line).collect();
        assert_eq!(found, lines, "{path}: {code} lines and {tests} of tests");
    }

    #[test]
    fn files_and_their_test_modules_are_bounded() {
        check_sample("common/src/a.rs", 400, 80, &[]);
        check_sample("common/src/a.rs", 401, 0, &[401]);
        check_sample("common/src/a.rs", 10, 81, &[11]);
        check_sample("common/src/a.rs", 401, 81, &[402, 401]);
        check_sample("common/src/a/tests.rs", 900, 0, &[]);
        check_sample("backend/tests/fan_out.rs", 900, 0, &[]);
        check_sample("docs/protocol.md", 900, 0, &[]);
    }

    #[test]
    fn a_sibling_test_module_is_not_inline() {
        assert_eq!(test_modules("#[cfg(test)]\nmod tests;\nfn f() {\n}\n"), []);
        assert_eq!(
            test_modules("#[cfg(test)]\n#[path = \"b\"]\nmod a {\n}\nfn g() {}\n"),
            [(1, 4)]
        );
        assert_eq!(test_modules("#[cfg(test)]\nfn sample() {\n}\n"), []);
    }
}
