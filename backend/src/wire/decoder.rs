//! Decodes a client's bytes into messages (RFC 6455, sections 5 and 8.1), without I/O.
//!
//! The library parses the header; this module assembles fragments and holds incomplete bytes, and
//! nothing when there are none. Errors are reported as soon as they are visible, not when the message
//! is complete.

mod open;

use super::CONTROL_BYTES_MAX;
use open::Open;
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
    /// Where in `bytes` the next piece begins.
    at: usize,
    /// A message that has come in part. Boxed, because most of the time there is none.
    open: Option<Box<Open>>,
    /// What was wrong; nothing is decoded, and nothing held, after that.
    broken: Option<Violation>,
}

/// What a look at the bytes has led to.
enum Step {
    /// A message that has come whole.
    Message(Incoming),
    /// There may be more to decode.
    Again,
    /// More has to come.
    Wait,
}

impl Decoder {
    /// Adds bytes that came. After a violation they are passed over.
    pub fn feed(&mut self, bytes: &[u8]) {
        if self.broken.is_none() {
            self.bytes.extend_from_slice(bytes);
        }
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
    /// The bytes are not what RFC 6455 allows a client to send, be it in a message that has not come
    /// whole. Nothing can be decoded after that: the same is said again.
    pub fn next(&mut self, message_bytes_max: usize) -> Result<Option<Incoming>, Violation> {
        if let Some(violation) = self.broken {
            return Err(violation);
        }
        loop {
            match self.step(message_bytes_max) {
                Ok(Step::Message(message)) => return Ok(Some(message)),
                Ok(Step::Again) => {}
                Ok(Step::Wait) => {
                    self.tidy();
                    return Ok(None);
                }
                Err(violation) => {
                    let broken = Some(violation);
                    *self = Self {
                        broken,
                        ..Self::default()
                    };
                    return Err(violation);
                }
            }
        }
    }

    fn step(&mut self, bytes_max: usize) -> Result<Step, Violation> {
        let Some(open) = self.open.as_mut().filter(|open| open.is_coming()) else {
            return self.frame(bytes_max);
        };
        self.at += open.take(self.bytes.get(self.at..).unwrap_or_default())?;
        if open.is_coming() {
            return Ok(Step::Wait);
        }
        match self.open.take_if(|open| open.is_whole()) {
            Some(open) => open.into_message().map(Step::Message),
            None => Ok(Step::Again),
        }
    }

    /// Looks at the next frame: gives it where it is a message, and otherwise begins to take it.
    fn frame(&mut self, bytes_max: usize) -> Result<Step, Violation> {
        let unread = self.bytes.get_mut(self.at..).unwrap_or_default();
        let mut cursor = Cursor::new(&*unread);
        let parsed = FrameHeader::parse(&mut cursor).map_err(|_| Violation::Protocol)?;
        let Some((header, length)) = parsed else {
            return Ok(Step::Wait);
        };
        let start = cursor.position() as usize;
        check(&header, length, self.open.as_deref(), bytes_max)?;
        // It fits: it is within the bound.
        let end = start + length as usize;
        let mask = header.mask.unwrap_or_default();
        let message = match (header.opcode, unread.get_mut(start..end)) {
            (OpCode::Control(_), None) => return Ok(Step::Wait),
            (OpCode::Control(control), Some(payload)) => {
                unmask(payload, mask);
                control_message(control, payload)?
            }
            // As most of them come: in one frame that is there.
            (OpCode::Data(kind), Some(payload)) if header.is_final && self.open.is_none() => {
                unmask(payload, mask);
                data_message(kind, payload.to_vec())?
            }
            (OpCode::Data(kind), _) => {
                let open = self.open.get_or_insert_with(|| Box::new(Open::new(kind)));
                open.begin(length as usize, mask, header.is_final);
                self.at += start;
                return Ok(Step::Again);
            }
        };
        self.at += end;
        Ok(Step::Message(message))
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
fn check(
    header: &FrameHeader,
    length: u64,
    open: Option<&Open>,
    bytes_max: usize,
) -> Result<(), Violation> {
    let reserved = header.rsv1 || header.rsv2 || header.rsv3;
    if reserved || header.mask.is_none() {
        return Err(Violation::Protocol);
    }
    let room = bytes_max.saturating_sub(open.map_or(0, Open::len));
    match header.opcode {
        OpCode::Control(_) if !header.is_final || length > CONTROL_BYTES_MAX as u64 => {
            Err(Violation::Protocol)
        }
        OpCode::Control(_) => Ok(()),
        OpCode::Data(Data::Reserved(_)) => Err(Violation::Protocol),
        // What goes on must have begun, and must be over before something else begins.
        OpCode::Data(kind) if open.is_some() != (kind == Data::Continue) => {
            Err(Violation::Protocol)
        }
        OpCode::Data(_) if length > room as u64 => Err(Violation::TooLarge),
        OpCode::Data(_) => Ok(()),
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

/// A message of which all bytes are there.
fn data_message(kind: Data, bytes: Vec<u8>) -> Result<Incoming, Violation> {
    match kind {
        Data::Text => {
            let text = String::from_utf8(bytes).map_err(|_| Violation::Utf8)?;
            Ok(Incoming::Text(text))
        }
        _ => Ok(Incoming::Binary(bytes)),
    }
}

/// RFC 6455, section 5.3.
fn unmask(payload: &mut [u8], mask: [u8; 4]) {
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
