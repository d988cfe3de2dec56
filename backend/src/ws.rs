//! The WebSocket door: the upgrade, the origin check, and the socket the session is given.

mod origin;
mod socket;
mod upgrade;

pub use origin::is_foreign;
pub use upgrade::upgrade;
