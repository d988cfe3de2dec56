//! One component for each file. They read state and send commands, and never touch the socket.

pub mod announce_dialog;
pub mod announcement;
pub mod avatar;
pub mod badge;
pub mod composer;
pub mod dialog;
pub mod field;
pub mod icon;
pub mod jump;
pub mod leave_button;
pub mod message;
pub mod pending_message;
pub mod people;
pub mod person_bar;
pub mod rich_text;
pub mod room_dialog;
pub mod room_header;
pub mod room_link;
pub mod scroll;
pub mod sidebar;
pub mod sign_out_dialog;
pub mod skeleton;
pub mod timeline;
pub mod timeline_top;
