//! One connection's server-side state and the actor around it.
//!
//! [`state`] decides what a frame asks for and whether it may; [`actor`] does it, owns the socket,
//! and reads rooms by cursor; [`outbox`] is the only part other tasks touch.

pub mod actor;
pub mod outbox;
pub mod socket;
pub mod state;

pub use actor::{Session, SessionConfig};
