//! Announcements to everyone on the node: the banner over a conversation, and the dialog that sends one.

pub mod banner;
pub mod dialog;
