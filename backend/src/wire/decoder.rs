//! From a client's bytes to its messages (RFC 6455, sections 5 and 8.1), without I/O.
//!
//! The header is parsed by the library; this puts together what comes in pieces and holds the
//! bytes of what has not come whole yet, and nothing when there is nothing.

use super::CONTROL_BYTES_MAX;
use std::io::Cursor;
use tungstenite::protocol::frame::FrameHeader;
use tungstenite::protocol::frame::coding::{Control, Data, OpCode};

/// What came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Incoming {
    /// A text message.
    Text(String),
    /// A binary message; this version speaks text.
    Binary(Vec<u8>),
    /// A ping, with what its pong is to carry.
    Ping(Vec<u8>),
    /// A pong: a sign of life.
    Pong,
    /// The peer says goodbye, with the code that it gave.
    Close(Option<u16>),
}

/// Why the bytes are not a message. The connection cannot go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    /// Not what the protocol allows.
    #[error("the bytes are not WebSocket frames")]
    Protocol,
    /// A text that is not UTF-8.
    #[error("a text is not UTF-8")]
    Utf8,
    /// A message over the bound.
    #[error("a message is over the bound")]
    TooLarge,
}

/// See the module.
#[derive(Debug, Default)]
pub struct Decoder {
    /// What came and was not decoded yet.
    bytes: Vec<u8>,
    /// Where in `bytes` the next frame begins.
    at: usize,
    /// A message whose last frame has not come: its kind and its bytes so far.
    open: Option<(Data, Vec<u8>)>,
}

/// A frame that has come whole.
struct Whole {
    header: FrameHeader,
    payload: std::ops::Range<usize>,
}

impl Decoder {
    /// Adds bytes that came.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Whether everything that came was decoded.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The next message, if one has come whole. `message_bytes_max` bounds what a message may take,
    /// in one frame or in many.
    ///
    /// # Errors
    /// The bytes are not what RFC 6455 allows a client to send. Nothing can be decoded after that.
    pub fn next(&mut self, message_bytes_max: usize) -> Result<Option<Incoming>, Violation> {
        loop {
            let Some(Whole { header, payload }) = self.frame(message_bytes_max)? else {
                self.tidy();
                return Ok(None);
            };
            let end = payload.end;
            unmask(
                self.bytes.get_mut(payload.clone()).unwrap_or_default(),
                header.mask,
            );
            let payload = self.bytes.get(payload).unwrap_or_default();
            let message = match header.opcode {
                OpCode::Control(control) => Some(control_message(control, payload)?),
                OpCode::Data(kind) => assemble(
                    &mut self.open,
                    kind,
                    header.is_final,
                    payload,
                    message_bytes_max,
                )?,
            };
            self.at = end;
            if message.is_some() {
                return Ok(message);
            }
        }
    }

    /// The next frame, if it has come whole.
    fn frame(&self, bytes_max: usize) -> Result<Option<Whole>, Violation> {
        let unread = self.bytes.get(self.at..).unwrap_or_default();
        let mut cursor = Cursor::new(unread);
        let parsed = FrameHeader::parse(&mut cursor).map_err(|_| Violation::Protocol)?;
        let Some((header, length)) = parsed else {
            return Ok(None);
        };
        check(&header, length, bytes_max)?;
        // Both fit: the length is within the bound.
        let start = self.at + cursor.position() as usize;
        let payload = start..start + length as usize;
        Ok((payload.end <= self.bytes.len()).then_some(Whole { header, payload }))
    }

    /// Keeps only what is not decoded yet, and no more room than that needs: most connections are
    /// silent most of the time.
    fn tidy(&mut self) {
        if self.at == self.bytes.len() {
            self.bytes = Vec::new();
        } else if self.at > 0 {
            self.bytes = self.bytes.split_off(self.at);
        }
        self.at = 0;
    }
}

/// What can be said of a frame by its header alone; a frame that is refused is not waited for.
fn check(header: &FrameHeader, length: u64, bytes_max: usize) -> Result<(), Violation> {
    let reserved = header.rsv1 || header.rsv2 || header.rsv3;
    if reserved || header.mask.is_none() {
        return Err(Violation::Protocol);
    }
    match header.opcode {
        OpCode::Control(_) if !header.is_final || length > CONTROL_BYTES_MAX as u64 => {
            Err(Violation::Protocol)
        }
        OpCode::Data(_) if length > bytes_max as u64 => Err(Violation::TooLarge),
        _ => Ok(()),
    }
}

fn control_message(control: Control, payload: &[u8]) -> Result<Incoming, Violation> {
    match control {
        Control::Ping => Ok(Incoming::Ping(payload.to_vec())),
        Control::Pong => Ok(Incoming::Pong),
        Control::Close => close(payload).map(Incoming::Close),
        Control::Reserved(_) => Err(Violation::Protocol),
    }
}

/// The code of a close frame (RFC 6455, sections 5.5.1 and 7.4).
fn close(payload: &[u8]) -> Result<Option<u16>, Violation> {
    let (code, reason) = match payload {
        [] => return Ok(None),
        [high, low, reason @ ..] => (u16::from_be_bytes([*high, *low]), reason),
        [_] => return Err(Violation::Protocol),
    };
    if !matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999) {
        return Err(Violation::Protocol);
    }
    std::str::from_utf8(reason).map_err(|_| Violation::Utf8)?;
    Ok(Some(code))
}

/// Adds a data frame to the message it is part of; gives that when it is whole.
fn assemble(
    open: &mut Option<(Data, Vec<u8>)>,
    kind: Data,
    is_final: bool,
    payload: &[u8],
    bytes_max: usize,
) -> Result<Option<Incoming>, Violation> {
    let (kind, whole) = match (open.take(), kind) {
        (None, Data::Continue) | (Some(_), Data::Text | Data::Binary) | (_, Data::Reserved(_)) => {
            return Err(Violation::Protocol);
        }
        (None, kind) => (kind, payload.to_vec()),
        (Some((kind, mut bytes)), Data::Continue) => {
            if bytes.len() + payload.len() > bytes_max {
                return Err(Violation::TooLarge);
            }
            bytes.extend_from_slice(payload);
            (kind, bytes)
        }
    };
    if !is_final {
        *open = Some((kind, whole));
        return Ok(None);
    }
    match kind {
        Data::Text => String::from_utf8(whole)
            .map(|text| Some(Incoming::Text(text)))
            .map_err(|_| Violation::Utf8),
        _ => Ok(Some(Incoming::Binary(whole))),
    }
}

/// RFC 6455, section 5.3.
fn unmask(payload: &mut [u8], mask: Option<[u8; 4]>) {
    let mask = mask.unwrap_or_default();
    let mut chunks = payload.chunks_exact_mut(4);
    for chunk in &mut chunks {
        for (byte, key) in chunk.iter_mut().zip(mask) {
            *byte ^= key;
        }
    }
    for (byte, key) in chunks.into_remainder().iter_mut().zip(mask) {
        *byte ^= key;
    }
}

#[cfg(test)]
mod tests;
