//! The names by which the main file imports its JavaScript functions: `__wbg_setAttribute_6fde4098e274155c`
//! is in both files, and says nothing to a browser.

use crate::reader::{Reader, write_number, write_sized};
use crate::wasm::{IMPORT, file, sections};
use eyre::{Result, bail};
use std::borrow::Cow;
use std::collections::HashMap;

/// The module name under which wasm-bindgen imports its own functions.
const GLUE_MODULE: &str = "./frontend_bg.js";
const GLUE_MODULE_SHORT: &str = "b";

/// Kinds of imports, as the binary format numbers them.
const FUNCTION: u8 = 0;
const GLOBAL: u8 = 3;

/// Gives the functions that wasm-bindgen has written short names, in both files.
pub(crate) fn shorten(glue: &mut String, main: &mut Vec<u8>) -> Result<()> {
    let mut names = HashMap::new();
    let mut shortened = Vec::new();
    for (id, content) in sections(main)? {
        let content = if id == IMPORT {
            Cow::Owned(shorten_section(content, &mut names)?)
        } else {
            Cow::Borrowed(content)
        };
        shortened.push((id, content));
    }
    let short = file(shortened.iter().map(|(id, content)| (*id, &**content)));
    let quoted = |name: &str| format!("\"{name}\"");
    *glue = rename(glue, &names).replace(&quoted(GLUE_MODULE), &quoted(GLUE_MODULE_SHORT));
    *main = short;
    Ok(())
}

/// The import section with short names, which are added to the list.
fn shorten_section<'a>(section: &'a [u8], names: &mut HashMap<&'a str, String>) -> Result<Vec<u8>> {
    let mut reader = Reader::new(section);
    let count = reader.number()?;
    let mut out = Vec::new();
    write_number(&mut out, usize::try_from(count)?);
    for _ in 0..count {
        let (module, name) = (reader.name()?, reader.name()?);
        let (module, name) = if module == GLUE_MODULE {
            let next = short_name(names.len());
            (
                GLUE_MODULE_SHORT,
                names.entry(name).or_insert(next).as_str(),
            )
        } else {
            (module, name)
        };
        write_sized(&mut out, module.as_bytes());
        write_sized(&mut out, name.as_bytes());
        out.extend_from_slice(description(&mut reader)?);
    }
    Ok(out)
}

/// The description of what is imported, unread.
fn description<'a>(reader: &mut Reader<'a>) -> Result<&'a [u8]> {
    let start = *reader;
    match reader.byte()? {
        FUNCTION => {
            reader.number()?;
        }
        GLOBAL => {
            reader.take(2)?;
        }
        kind => bail!("an import of kind {kind}: only functions and globals are expected"),
    }
    let length = start.rest().len() - reader.rest().len();
    Reader::new(start.rest()).take(length)
}

/// `a`, `b`, … `Z`, `aa`, `ba`, …
fn short_name(number: usize) -> String {
    const LETTERS: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let mut name = String::new();
    let mut rest = number;
    loop {
        name.extend(LETTERS.chars().nth(rest % LETTERS.len()));
        rest /= LETTERS.len();
        if rest == 0 {
            return name;
        }
        rest -= 1;
    }
}

/// The program with identifiers replaced, and without indentation and documentation.
fn rename(program: &str, names: &HashMap<&str, String>) -> String {
    let mut renamed = String::with_capacity(program.len());
    let mut in_comment = false;
    for line in program.lines().map(str::trim) {
        in_comment |= line.starts_with("/**");
        let skipped = in_comment || line.is_empty();
        in_comment &= !line.ends_with("*/");
        if skipped {
            continue;
        }
        for word in line.split_inclusive(|c: char| !(c.is_ascii_alphanumeric() || c == '_')) {
            let end = word.trim_end_matches(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
            match names.get(end) {
                Some(short) => {
                    renamed.push_str(short);
                    renamed.extend(word.strip_prefix(end));
                }
                None => renamed.push_str(word),
            }
        }
        renamed.push('\n');
    }
    renamed
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn both_sides_get_the_same_names() {
        let mut section = vec![2];
        for (module, name) in [(GLUE_MODULE, "__wbg_log_1"), ("./chunks.js", "load")] {
            write_sized(&mut section, module.as_bytes());
            write_sized(&mut section, name.as_bytes());
            section.extend([FUNCTION, 5]);
        }
        let mut main = file([(IMPORT, &section[..])]);
        let mut glue = "/**\n * Text\n */\nconst b = {\n    __wbg_log_1: f(__wbg_log_12),\n};\n\
                        return { \"./frontend_bg.js\": b }"
            .to_owned();
        shorten(&mut glue, &mut main).unwrap();
        let expected = "const b = {\na: f(__wbg_log_12),\n};\nreturn { \"b\": b }\n";
        assert_eq!(glue, expected);
        let expected = b"\x02\x01b\x01a\0\x05\x0b./chunks.js\x04load\0\x05";
        assert_eq!(sections(&main).unwrap(), [(IMPORT, &expected[..])]);
    }

    #[test]
    fn short_names_differ() {
        let names: HashSet<String> = (0..3000).map(short_name).collect();
        assert_eq!(names.len(), 3000);
        assert_eq!(
            [0, 51, 52, 53, 104].map(short_name),
            ["a", "Z", "aa", "ba", "ab"]
        );
    }
}
