//! The WebSocket door: the first request, the origin check, the handshake, and from there to a
//! session.

pub mod first_request;
mod handshake;
mod origin;
mod replay;
mod upgrade;

pub use handshake::Handshake;
pub use origin::is_foreign;
pub use replay::Replay;
pub use upgrade::{Admission, admit, upgrade};
