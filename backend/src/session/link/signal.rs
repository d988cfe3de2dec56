//! The reasons for waking a session, as bits.

/// The socket does not take more: watch for it to do so.
pub(in crate::session) const BLOCKED: u8 = 1;
/// A cursor has fallen off its tail.
pub(in crate::session) const BEHIND: u8 = 2;
/// The connection is to end.
pub(in crate::session) const ENDED: u8 = 4;
/// The node is going away.
pub(in crate::session) const SHUT_DOWN: u8 = 8;
/// Something that was posted was settled, and the session waits for that.
pub(in crate::session) const COMPLETED: u8 = 16;
/// There is more to write than fitted in one turn.
pub(in crate::session) const MORE: u8 = 32;
/// The time has come that the session asked to be told of.
pub(in crate::session) const DUE: u8 = 64;
/// What the user may do somewhere may have changed.
pub(in crate::session) const PERMISSIONS: u8 = 128;
