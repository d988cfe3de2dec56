//! Frames as bytes (RFC 6455, section 5): found in what was read, and known by how they begin.

use anyhow::Result;
use common::text::RoomName;
use memchr::memmem;

/// A whole frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Frame<'a> {
    Text(&'a [u8]),
    /// With its code, where it says one.
    Closed(Option<u16>),
    Other,
}

/// What a text is to a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Joined,
    Ack,
    Message,
    Refused,
    Other,
}

/// A message of the run: its place in the log, who wrote it, and which of the writer's it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) seq: u64,
    pub(crate) writer: usize,
    pub(crate) number: u32,
}

/// The whole frames at the beginning of some bytes.
pub(crate) struct Frames<'a> {
    rest: &'a [u8],
    /// Where answers to pings go.
    outgoing: &'a mut Vec<u8>,
}

impl<'a> Frames<'a> {
    pub(super) fn new(bytes: &'a [u8], outgoing: &'a mut Vec<u8>) -> Self {
        Self {
            rest: bytes,
            outgoing,
        }
    }

    /// What is behind the last frame that was taken.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.rest
    }
}

impl<'a> Iterator for Frames<'a> {
    type Item = Frame<'a>;

    fn next(&mut self) -> Option<Frame<'a>> {
        let (opcode, payload, length) = split(self.rest)?;
        self.rest = self.rest.get(length..).unwrap_or_default();
        Some(match opcode {
            0x1 => Frame::Text(payload),
            0x8 => {
                let code = payload.get(..2).and_then(|code| code.try_into().ok());
                Frame::Closed(code.map(u16::from_be_bytes))
            }
            0x9 => {
                header_into(self.outgoing, 0xA, payload.len());
                self.outgoing.extend_from_slice(payload);
                Frame::Other
            }
            _ => Frame::Other,
        })
    }
}

/// The first frame's opcode and payload, and how many bytes it takes, if it is whole. A server's
/// frames have no mask, and this server's are all of one piece.
fn split(bytes: &[u8]) -> Option<(u8, &[u8], usize)> {
    let (opcode, short) = (bytes.first()? & 0x0f, usize::from(bytes.get(1)? & 0x7f));
    let (header, length): (usize, usize) = match short {
        126 => {
            let length = bytes.get(2..4)?.try_into().ok()?;
            (4, usize::from(u16::from_be_bytes(length)))
        }
        127 => {
            let length = bytes.get(2..10)?.try_into().ok()?;
            (10, usize::try_from(u64::from_be_bytes(length)).ok()?)
        }
        _ => (2, short),
    };
    let end = header.checked_add(length)?;
    Some((opcode, bytes.get(header..end)?, end))
}

/// Adds a text frame, masked with zeros.
pub(super) fn text_into(out: &mut Vec<u8>, text: &str) -> Result<()> {
    u16::try_from(text.len())?;
    header_into(out, 0x1, text.len());
    out.extend_from_slice(text.as_bytes());
    Ok(())
}

/// The header of a whole frame of less than 64 KiB, with a mask of zeros.
fn header_into(out: &mut Vec<u8>, opcode: u8, length: usize) {
    out.push(0x80 | opcode);
    match u8::try_from(length) {
        Ok(length @ ..126) => out.push(0x80 | length),
        _ => {
            out.push(0x80 | 126);
            out.extend(u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes());
        }
    }
    out.extend([0; 4]);
}

/// By how the text begins: the server writes `type` first.
pub(crate) fn kind(text: &[u8]) -> Kind {
    let Some(rest) = text.strip_prefix(br#"{"type":""#) else {
        return Kind::Other;
    };
    let is = |name: &[u8]| {
        rest.strip_prefix(name)
            .is_some_and(|rest| rest.starts_with(b"\""))
    };
    match () {
        () if is(b"message") => Kind::Message,
        () if is(b"ack") => Kind::Ack,
        () if is(b"joined") => Kind::Joined,
        () if is(b"error") => Kind::Refused,
        () => Kind::Other,
    }
}

/// How every message of this room begins; its seq follows. The name must need no escapes.
pub(crate) fn room_prefix(room: &RoomName) -> Box<[u8]> {
    let prefix = format!(r#"{{"type":"message","room":"{room}","seq":"#);
    prefix.into_bytes().into()
}

/// Reads a message of a room that begins like this; nothing where it is another frame, or not of
/// this run.
pub(crate) fn mark(prefix: &[u8], text: &[u8]) -> Option<Mark> {
    let rest = text.strip_prefix(prefix)?;
    let (seq, rest) = digits(rest)?;
    const CONTENT: &[u8] = br#","content":""#;
    let at = memmem::find(rest, CONTENT)?;
    let content = rest.get(at + CONTENT.len()..)?;
    let (writer, rest) = digits(content)?;
    let (number, rest) = digits(rest.strip_prefix(b":")?)?;
    rest.starts_with(b":").then_some(())?;
    Some(Mark {
        seq,
        writer: usize::try_from(writer).ok()?,
        number: u32::try_from(number).ok()?,
    })
}

/// The number at the beginning, and what is behind it.
fn digits(text: &[u8]) -> Option<(u64, &[u8])> {
    let length = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, rest) = text.split_at_checked(length)?;
    let fold = |value: u64, digit: &u8| {
        let value = value.checked_mul(10)?;
        value.checked_add(u64::from(digit - b'0'))
    };
    let value = digits.iter().try_fold(0, fold)?;
    (length > 0).then_some((value, rest))
}

#[cfg(test)]
mod tests;
