//! The WebSocket door: the origin check, the handshake, and from there to a session.

mod handshake;
mod origin;
mod upgrade;

pub use origin::is_foreign;
pub use upgrade::upgrade;
