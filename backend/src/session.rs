//! One connection's state on the server, and the actor around it.
//!
//! [`state`] decides what a frame asks for and whether the protocol allows it; [`actor`] reads the
//! socket and executes frames; [`link`] is the part that other threads use, and writes to the socket.

pub mod actor;
mod end;
pub mod link;
pub mod state;

pub use actor::{Session, SessionConfig, close};
pub use end::End;
