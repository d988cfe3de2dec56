//! The WebSocket entry: the first request, the origin check, the handshake, and starting a session.

pub mod first_request;
mod handshake;
mod replay;
mod upgrade;

pub use handshake::Handshake;
pub use replay::Replay;
pub use upgrade::{Admission, admit, upgrade};
