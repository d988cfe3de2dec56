//! WebSocket frames as bytes (RFC 6455, section 5): encoding in this module, decoding in [`decoder`].
//!
//! A server's frames are not masked, so the bytes of a room's event are the same for every member: they
//! are encoded once, header included, and shared.

pub mod decoder;

use bytes::Bytes;
use common::ServerFrame;
use common::codec::write_server;

/// One encoded frame, or several in a row, shared by all who are sent them.
pub type Frame = Bytes;

/// Bytes of a control frame's payload (RFC 6455, section 5.5).
pub const CONTROL_BYTES_MAX: usize = 125;

/// What a message is, in the header of its frame (RFC 6455, section 11.8).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Data {
    /// UTF-8; all that Hubbub says.
    Text = 0x1,
    /// Bytes.
    Binary = 0x2,
}

const CLOSE: u8 = 0x8;
const PING: u8 = 0x9;
const PONG: u8 = 0xA;
/// The frame is the whole message.
const FIN: u8 = 0x80;

/// The header that most frames have: a 16-bit length.
const USUAL_HEADER: usize = 4;

/// Room made at once for a frame, where there is none: growing byte by byte costs more than the
/// frame.
const ROOM: usize = 512;

/// Adds a text frame to what is there already.
pub fn text_into(out: &mut Vec<u8>, frame: &ServerFrame) {
    data_into(out, Data::Text, |out| write_server(frame, out));
}

/// Adds a message in one frame to what is there already; `write` adds its payload.
pub fn data_into(out: &mut Vec<u8>, kind: Data, write: impl FnOnce(&mut Vec<u8>)) {
    if out.capacity() == 0 {
        out.reserve(ROOM);
    }
    let start = out.len();
    out.extend([0; USUAL_HEADER]);
    write(out);
    let length = out.len() - start - USUAL_HEADER;
    let mut header = [0; 10];
    let used = header_of(kind, length, &mut header);
    if let Some(header) = header.get(..used) {
        out.splice(start..start + USUAL_HEADER, header.iter().copied());
    }
}

/// A text frame.
#[must_use]
pub fn text(frame: &ServerFrame) -> Frame {
    let mut out = Vec::new();
    text_into(&mut out, frame);
    // It is kept for a while.
    out.into_boxed_slice().into()
}

/// Adds a ping without payload.
pub fn ping_into(out: &mut Vec<u8>) {
    out.extend([FIN | PING, 0]);
}

/// Adds the pong to a ping with this payload.
pub fn pong_into(out: &mut Vec<u8>, payload: &[u8]) {
    control_into(out, PONG, payload);
}

/// Adds a close frame; without a code, one that says nothing.
pub fn close_into(out: &mut Vec<u8>, code: Option<u16>, reason: &str) {
    let code = code.map(u16::to_be_bytes);
    let payload = code.iter().flatten().copied().chain(reason.bytes());
    let payload: Vec<u8> = payload.take(CONTROL_BYTES_MAX).collect();
    control_into(out, CLOSE, if code.is_some() { &payload } else { &[] });
}

fn control_into(out: &mut Vec<u8>, opcode: u8, payload: &[u8]) {
    let payload = payload.get(..CONTROL_BYTES_MAX).unwrap_or(payload);
    // At most 125: it fits.
    out.extend([FIN | opcode, payload.len() as u8]);
    out.extend(payload);
}

/// Writes the header of an unmasked frame; returns the bytes it takes.
fn header_of(kind: Data, length: usize, header: &mut [u8; 10]) -> usize {
    let [first, second, rest @ ..] = header;
    *first = FIN | kind as u8;
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(short @ ..126), _) => {
            *second = short;
            2
        }
        (_, Ok(length)) => {
            *second = 126;
            let [a, b, ..] = rest;
            [*a, *b] = length.to_be_bytes();
            4
        }
        _ => {
            *second = 127;
            *rest = (length as u64).to_be_bytes();
            10
        }
    }
}

/// The payload of the first frame and what follows it; for tests and for those who speak something
/// other than WebSocket.
#[must_use]
pub fn split_text(frames: &[u8]) -> Option<(&[u8], &[u8])> {
    let short = usize::from(*frames.get(1)?);
    let (start, length): (usize, usize) = match short {
        126 => {
            let length = frames.get(2..4)?.try_into().ok()?;
            (4, usize::from(u16::from_be_bytes(length)))
        }
        127 => {
            let length = frames.get(2..10)?.try_into().ok()?;
            (10, usize::try_from(u64::from_be_bytes(length)).ok()?)
        }
        short => (2, short),
    };
    let end = start.checked_add(length)?;
    Some((frames.get(start..end)?, frames.get(end..)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use common::{ErrorCode, ErrorFrame};

    #[test]
    fn text_frames_of_every_length_can_be_read_back() {
        let mut all = Vec::new();
        let lengths = [0, 1, 20, 60, 1000, 65_400, 65_500, 70_000];
        for length in lengths {
            let error = ErrorFrame::new(ErrorCode::Internal, "x".repeat(length));
            text_into(&mut all, &ServerFrame::Error(error));
        }
        let mut rest = all.as_slice();
        for length in lengths {
            let (payload, next) = split_text(rest).unwrap();
            let text = std::str::from_utf8(payload).unwrap();
            match common::codec::decode_server(text).unwrap() {
                ServerFrame::Error(error) => assert_eq!(error.message.len(), length),
                other => panic!("{other:?}"),
            }
            rest = next;
        }
        assert!(rest.is_empty());
    }

    #[test]
    fn headers_say_their_length_in_the_shortest_way() {
        for (length, expected) in [
            (0, &[0x81, 0][..]),
            (125, &[0x81, 125]),
            (126, &[0x81, 126, 0, 126]),
            (65_535, &[0x81, 126, 0xff, 0xff]),
            (65_536, &[0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]),
        ] {
            let mut header = [0; 10];
            let used = header_of(Data::Text, length, &mut header);
            assert_eq!(&header[..used], expected, "{length} bytes");
        }
    }

    #[test]
    fn control_frames_are_short_whatever_they_are_given() {
        let mut out = Vec::new();
        close_into(&mut out, Some(4000), &"x".repeat(300));
        assert_eq!((out.len(), out[1]), (127, 125));
        out.clear();
        close_into(&mut out, None, "not said");
        assert_eq!(out, [0x88, 0]);
        out.clear();
        pong_into(&mut out, b"hi");
        assert_eq!(out, [0x8A, 2, b'h', b'i']);
    }
}
