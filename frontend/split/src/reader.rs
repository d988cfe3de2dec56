//! Reads and writes the integers and strings of WebAssembly's binary format (core specification, chapter 5).

use eyre::{Result, bail, eyre};

/// A position in bytes that are read from front to back.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// What has not been read yet.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(crate) fn take(&mut self, length: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self
            .rest
            .split_at_checked(length)
            .ok_or_else(|| eyre!("the file ends too early"))?;
        self.rest = rest;
        Ok(taken)
    }

    pub(crate) fn byte(&mut self) -> Result<u8> {
        self.take(1)?
            .first()
            .copied()
            .ok_or_else(|| eyre!("the file ends too early"))
    }

    /// An unsigned integer in LEB128, at most 32 bits long.
    pub(crate) fn number(&mut self) -> Result<u32> {
        let mut number = 0;
        for shift in [0, 7, 14, 21, 28] {
            let byte = self.byte()?;
            number |= u32::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        bail!("an integer is longer than 32 bits")
    }

    pub(crate) fn sized(&mut self) -> Result<&'a [u8]> {
        let length = self.number()?;
        self.take(usize::try_from(length)?)
    }

    pub(crate) fn name(&mut self) -> Result<&'a str> {
        Ok(std::str::from_utf8(self.sized()?)?)
    }
}

/// Appends an unsigned integer in LEB128.
pub(crate) fn write_number(out: &mut Vec<u8>, number: usize) {
    let mut rest = number;
    loop {
        let low = u8::try_from(rest & 0x7f).unwrap_or_default();
        rest >>= 7;
        if rest == 0 {
            return out.push(low);
        }
        out.push(low | 0x80);
    }
}

/// Appends bytes with their length before them.
pub(crate) fn write_sized(out: &mut Vec<u8>, bytes: &[u8]) {
    write_number(out, bytes.len());
    out.extend_from_slice(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_read_as_they_are_written() {
        for number in [0, 1, 127, 128, 300, 65_535, 1 << 27, u32::MAX as usize] {
            let mut bytes = Vec::new();
            write_number(&mut bytes, number);
            let mut reader = Reader::new(&bytes);
            assert_eq!(reader.number().unwrap() as usize, number);
            assert!(reader.is_empty());
        }
    }

    #[test]
    fn truncated_input_is_an_error() {
        assert!(Reader::new(&[0x80]).number().is_err());
        assert!(Reader::new(&[0x80; 6]).number().is_err());
        assert!(Reader::new(&[3, b'a']).name().is_err());
    }
}
