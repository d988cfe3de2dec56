//! Hubbub's protocol, and the client core that speaks it.
//!
//! Both sides of the wire compile against this crate, and so does every other Rust client. It is
//! pure: no sockets, no clocks, no randomness of its own, and it builds for `wasm32`.
//!
//! A tour, in the order in which a message meets the files:
//!
//! * [`text`] and [`ids`]: newtypes that are checked once, when they are parsed. Inside, a
//!   [`text::RoomName`] is always a valid room name.
//! * [`limits`] and [`version`]: the bounds both sides obey, and the protocol's name.
//! * [`command`]: what a client asks for. [`event`]: what happened in a room. [`reply`]: what the
//!   server says to one connection. [`error`]: refusals and close codes.
//! * [`role`]: what a user is. [`room`]: what holds in a room. [`token`]: secrets that are never shown.
//! * [`frame`]: the two enums that gather them, [`ClientFrame`] and [`ServerFrame`].
//! * [`api`]: bodies of the HTTP API.
//! * [`codec`]: the only place that sees bytes.
//! * [`client`]: the client core, a synchronous state machine that connects, resumes, keeps what
//!   is unsent in order and folds events into timelines.
//!
//! `docs/protocol.md` describes the same frames for those who write JSON by hand.

pub mod api;
pub mod audit;
pub mod client;
pub mod codec;
pub mod command;
pub mod error;
pub mod event;
pub mod frame;
pub mod ids;
pub mod json;
pub mod limits;
pub mod reply;
pub mod role;
pub mod room;
pub mod text;
pub mod time;
pub mod token;
pub mod user;
pub mod version;

mod base32;
mod newtype;

pub use error::{CloseCode, ErrorCode, ErrorFrame};
pub use frame::{ClientFrame, ServerFrame};
