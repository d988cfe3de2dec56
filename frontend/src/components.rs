//! The parts of the page, grouped by what a person sees. Components read state and send commands, and
//! never touch the socket.

pub mod account;
pub mod admin;
pub mod announcements;
pub mod composer;
pub mod controls;
pub mod room;
pub mod sidebar;
pub mod timeline;
