//! The largest functions of a file by name, so that growth has a place.

use crate::reader::Reader;
use crate::wasm::{CODE, CUSTOM, IMPORT, sections};
use eyre::Result;
use std::collections::HashMap;
use std::fmt::Write;

const LISTED: usize = 10;

/// The subsection of the name section that names functions.
const FUNCTION_NAMES: u8 = 1;

/// A table of the largest functions with their sizes before compression, one a line.
pub(crate) fn largest(file: &[u8]) -> Result<String> {
    let (mut imported, mut sizes, mut names) = (0, Vec::new(), HashMap::new());
    for (id, content) in sections(file)? {
        let mut reader = Reader::new(content);
        match id {
            IMPORT => imported = reader.number()?,
            CODE => sizes = body_sizes(&mut reader)?,
            CUSTOM if reader.name()? == "name" => names = function_names(&mut reader)?,
            _ => {}
        }
    }
    // wasm-bindgen imports functions only, so the first function of the file follows the imports.
    let mut functions: Vec<(usize, u32)> = sizes.into_iter().zip(imported..).collect();
    functions.sort_by_key(|(size, _)| std::cmp::Reverse(*size));
    let mut table = String::new();
    for (size, index) in functions.into_iter().take(LISTED) {
        let name = names.get(&index).copied().unwrap_or("(no name)");
        // Without the hash at the end.
        let name = format!("{:#}", rustc_demangle::demangle(name));
        writeln!(table, "{size:>8}  {name}")?;
    }
    Ok(table)
}

fn body_sizes(reader: &mut Reader<'_>) -> Result<Vec<usize>> {
    (0..reader.number()?)
        .map(|_| Ok(reader.sized()?.len()))
        .collect()
}

fn function_names<'a>(reader: &mut Reader<'a>) -> Result<HashMap<u32, &'a str>> {
    let mut names = HashMap::new();
    while !reader.is_empty() {
        let (kind, content) = (reader.byte()?, reader.sized()?);
        if kind != FUNCTION_NAMES {
            continue;
        }
        let mut content = Reader::new(content);
        for _ in 0..content.number()? {
            names.insert(content.number()?, content.name()?);
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wasm::file;

    #[test]
    fn functions_are_listed_by_size() {
        // One import; two functions of two and three bytes; names for both.
        let names = b"\x04name\x01\x0d\x02\x01\x05small\x02\x03big";
        let code = b"\x02\x02\0\x0b\x03\0\x01\x0b";
        let file = file([(IMPORT, &b"\x01"[..]), (CODE, code), (CUSTOM, names)]);
        assert_eq!(largest(&file).unwrap(), "       3  big\n       2  small\n");
    }
}
