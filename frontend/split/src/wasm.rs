//! The sections of a WebAssembly file.

use crate::reader::{Reader, write_sized};
use eyre::{Result, ensure};

const HEADER: &[u8] = b"\0asm\x01\0\0\0";

/// Names, debug information and other things that a browser does not need.
pub(crate) const CUSTOM: u8 = 0;
pub(crate) const IMPORT: u8 = 2;
pub(crate) const CODE: u8 = 10;

/// One section: its id and its content.
pub(crate) type Section<'a> = (u8, &'a [u8]);

/// The sections of a file in their order.
pub(crate) fn sections(file: &[u8]) -> Result<Vec<Section<'_>>> {
    let mut reader = Reader::new(file);
    ensure!(reader.take(HEADER.len())? == HEADER, "no WebAssembly file");
    let mut sections = Vec::new();
    while !reader.is_empty() {
        sections.push((reader.byte()?, reader.sized()?));
    }
    Ok(sections)
}

/// The file of these sections.
pub(crate) fn file<'a>(sections: impl IntoIterator<Item = Section<'a>>) -> Vec<u8> {
    let mut file = HEADER.to_vec();
    for (id, content) in sections {
        file.push(id);
        write_sized(&mut file, content);
    }
    file
}

/// The same file without its custom sections.
pub(crate) fn without_custom_sections(bytes: &[u8]) -> Result<Vec<u8>> {
    let sections = sections(bytes)?;
    Ok(file(sections.into_iter().filter(|(id, _)| *id != CUSTOM)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_custom_sections_are_removed() {
        let names = b"\x04namexyz";
        let with = file([(IMPORT, &b"\0"[..]), (CUSTOM, names), (CODE, b"\0")]);
        let without = without_custom_sections(&with).unwrap();
        assert_eq!(
            sections(&without).unwrap(),
            [(IMPORT, &b"\0"[..]), (CODE, b"\0")]
        );
        assert!(sections(b"<html>").is_err());
    }
}
