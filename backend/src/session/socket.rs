//! What the session needs of a WebSocket; `ws` implements it.

use crate::room::Frame;
use common::CloseCode;
use std::ops::Deref;

/// What came in.
#[derive(Debug)]
pub enum Incoming<T> {
    /// A text frame.
    Text(T),
    /// A binary frame; this version speaks text.
    Binary,
    /// A ping or pong: a sign of life.
    Control,
}

/// Why a socket gives nothing more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The peer closed it, or the network did.
    Closed,
    /// A frame was over the bound.
    FrameTooLarge,
    /// The bytes were not WebSocket, or not UTF-8.
    Protocol,
}

/// A WebSocket after its upgrade.
#[expect(async_fn_in_trait, reason = "used generically within this crate only")]
pub trait Socket {
    /// A text frame's payload.
    type Text: Deref<Target = str>;

    /// The next frame. Cancel safe.
    async fn receive(&mut self) -> Result<Incoming<Self::Text>, Fault>;

    /// Writes text frames, in order, and flushes.
    async fn send(&mut self, frames: &mut Vec<Frame>) -> Result<(), Fault>;

    /// Writes a ping and flushes.
    async fn ping(&mut self) -> Result<(), Fault>;

    /// Closes, saying why. Errors do not matter any more.
    async fn close(self, code: CloseCode, reason: &'static str);
}
