//! Why a session ends.

use crate::wire::decoder::Violation;
use common::CloseCode;

/// How a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The network went away, or the other side without a word.
    Gone,
    /// The other side closes it, with this code.
    Closed(Option<u16>),
    /// This side closes it with a code.
    Close(CloseCode, &'static str),
    /// The node goes away.
    ShutDown,
}

impl From<Violation> for End {
    fn from(violation: Violation) -> Self {
        match violation {
            Violation::TooLarge => Self::Close(CloseCode::FrameTooLarge, "frame too large"),
            Violation::Protocol => Self::Close(CloseCode::ProtocolError, "protocol error"),
            Violation::Utf8 => Self::Close(CloseCode::NotUtf8, "a text is not UTF-8"),
        }
    }
}
