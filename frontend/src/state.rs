//! What the page knows and decides. The first group is plain functions over `common`'s types; the
//! second holds the signals that components read.
//!
//! `hub` owns the client core and is the one place that carries out its effects. Components read
//! signals and send commands; none of them touches a socket.

pub mod audit;
pub mod avatar;
pub mod badge;
pub mod compose;
pub mod day;
pub mod device;
pub mod entry;
pub mod error_text;
pub mod message_row;
pub mod reactor_names;
pub mod room_label;
pub mod room_text;
pub mod route;
pub mod rows;
pub mod text_links;
pub mod write_block;

pub mod announcements;
pub mod drafts;
pub mod fetched;
pub mod hub;
pub mod lazy_view;
pub mod message_actions;
pub mod navigator;
pub mod room_context;
pub mod room_entry;
pub mod rooms;
pub mod saved_state;
pub mod session;
pub mod slow_mode;
pub mod timeline_status;
pub mod ui;
