//! One connection as the network sees it: bytes both ways, and what can be told from them.

use super::network::Arrival;
use super::stream::Stream;
use crate::rng::Rng;
use crate::time::Time;
use common::ServerFrame;
use common::client::Attempt;
use common::codec::decode_server;
use std::collections::VecDeque;
use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;

/// Bytes that may be under way to a client on lines of different quality, and on a bad one.
const WINDOWS: [usize; 4] = [6 * 1024, 24 * 1024, 64 * 1024, 64 * 1024];
const BAD_WINDOW: usize = 4 * 1024;

pub(crate) struct Wire {
    pub(crate) peer: usize,
    /// The page that opened it: how often the client had been loaded.
    pub(crate) page: u64,
    pub(crate) attempt: Attempt,
    /// What is under way on it is lost, and neither end may know.
    pub(crate) cut: bool,
    /// The network's end of the server's socket: none before the server has taken the connection,
    /// and when either side has closed it.
    pub(crate) socket: Option<UnixStream>,
    /// Bytes do not overtake each other.
    pub(crate) to_server: Time,
    pub(crate) to_client: Time,
    window: usize,
    /// The line is bad until then.
    pub(crate) slow_until: Time,
    /// The line takes nothing until then.
    pub(crate) stalled_until: Time,
    /// What is on its way to the client, the first first: also when that sleeps meanwhile.
    pub(crate) line: VecDeque<Arrival>,
    /// Bytes in it.
    pub(crate) under_way: usize,
    /// What the server's end did not take yet.
    unsent: Vec<u8>,
    /// What came to the client's end and is not a whole frame yet.
    unread: Vec<u8>,
    /// The close code that the server has sent.
    pub(crate) close_code: Option<u16>,
    pub(crate) stream: Stream,
}

/// What comes out of the client's end.
#[derive(Debug)]
pub(crate) enum Heard {
    Frame(Box<ServerFrame>),
    Ping,
    Close,
}

/// What the network finds at the server's end.
pub(crate) enum Fetched {
    Bytes(Vec<u8>),
    Nothing,
    End,
}

impl Wire {
    pub(crate) fn new(peer: usize, page: u64, attempt: Attempt, now: Time, rng: &mut Rng) -> Self {
        Self {
            peer,
            page,
            attempt,
            cut: false,
            socket: None,
            to_server: now,
            to_client: now,
            window: WINDOWS[rng.below(WINDOWS.len())],
            slow_until: 0,
            stalled_until: 0,
            line: VecDeque::new(),
            under_way: 0,
            unsent: vec![],
            unread: vec![],
            close_code: None,
            stream: Stream::default(),
        }
    }

    /// Brings bytes to the server, as many as it takes; the rest waits.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.unsent.extend_from_slice(bytes);
        let Some(socket) = &mut self.socket else {
            return;
        };
        while !self.unsent.is_empty() {
            match socket.write(&self.unsent) {
                Ok(count) => drop(self.unsent.drain(..count)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                // The server has closed its end: the read says so, too.
                Err(_) => self.unsent.clear(),
            }
        }
    }

    /// Fetches some bytes from the server, if there is room for them on the line.
    pub(crate) fn fetch(&mut self, now: Time, rng: &mut Rng) -> Fetched {
        let window = match now < self.slow_until {
            true => BAD_WINDOW,
            false => self.window,
        };
        let room = window.saturating_sub(self.under_way);
        let held = self.cut || now < self.stalled_until;
        // Not for every few bytes: what is slow should not be slow to simulate.
        let (false, Some(socket)) = (held || room < window / 2, &mut self.socket) else {
            return Fetched::Nothing;
        };
        let most = match rng.below(16) {
            0 => 1 + rng.below(room.min(300)),
            _ => room,
        };
        let mut bytes = vec![0; most];
        match socket.read(&mut bytes) {
            Ok(count @ 1..) => {
                bytes.truncate(count);
                self.under_way += count;
                Fetched::Bytes(bytes)
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => Fetched::Nothing,
            _ => {
                self.socket = None;
                Fetched::End
            }
        }
    }

    /// Bytes have come to the client.
    pub(crate) fn arrived(&mut self, bytes: &[u8]) {
        self.under_way -= bytes.len();
        self.unread.extend_from_slice(bytes);
    }

    /// The next of what the server said.
    pub(crate) fn next(&mut self) -> Option<Heard> {
        let (opcode, payload, length) = split(&self.unread)?;
        let heard = match opcode {
            1 => {
                let text = std::str::from_utf8(payload).expect("the server writes UTF-8");
                Heard::Frame(Box::new(
                    decode_server(text).expect("the server writes frames"),
                ))
            }
            9 => Heard::Ping,
            8 => {
                let code = payload.first_chunk().map(|code| u16::from_be_bytes(*code));
                self.close_code = code;
                Heard::Close
            }
            other => panic!("the server sent a frame of kind {other}"),
        };
        self.unread.drain(..length);
        Some(heard)
    }
}

/// The first frame's kind and payload, and all the bytes it takes (RFC 6455, section 5.2).
fn split(bytes: &[u8]) -> Option<(u8, &[u8], usize)> {
    let (first, second) = (*bytes.first()?, *bytes.get(1)?);
    assert_eq!(first & 0xf0, 0x80, "the server writes whole messages");
    let (start, length) = match second {
        126 => (
            4,
            u64::from(u16::from_be_bytes(*bytes.get(2..)?.first_chunk()?)),
        ),
        127 => (10, u64::from_be_bytes(*bytes.get(2..)?.first_chunk()?)),
        short => (2, u64::from(short)),
    };
    let end = start + usize::try_from(length).unwrap();
    Some((first & 0xf, bytes.get(start..end)?, end))
}

/// A frame as a client sends it (RFC 6455, section 5.3).
pub(crate) fn masked(opcode: u8, payload: &[u8], mask: [u8; 4]) -> Vec<u8> {
    let mut bytes = vec![0x80 | opcode];
    match payload.len() {
        short @ ..126 => bytes.push(0x80 | u8::try_from(short).unwrap()),
        length @ ..0x1_0000 => {
            bytes.push(0x80 | 126);
            bytes.extend(u16::try_from(length).unwrap().to_be_bytes());
        }
        length => {
            bytes.push(0x80 | 127);
            bytes.extend((length as u64).to_be_bytes());
        }
    }
    bytes.extend(mask);
    let keys = mask.iter().cycle();
    bytes.extend(payload.iter().zip(keys).map(|(byte, key)| byte ^ key));
    bytes
}
