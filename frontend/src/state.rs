//! What the page knows and decides. The first group is plain functions over `common`'s types; the
//! second holds the signals that components read.
//!
//! `hub` owns the client core and is the one place that carries out its effects. Components read
//! signals and send commands; none of them touches a socket.

pub mod audit;
pub mod badge;
pub mod compose;
pub mod day;
pub mod device;
pub mod entry;
pub mod face;
pub mod hush;
pub mod names;
pub mod person;
pub mod rich;
pub mod room_words;
pub mod route;
pub mod rows;
pub mod shown;
pub mod words;

pub mod acts;
pub mod announcements;
pub mod doors;
pub mod drafts;
pub mod fetched;
pub mod hub;
pub mod loading;
pub mod memory;
pub mod navigator;
pub mod pace;
pub mod place;
pub mod rooms;
pub mod session;
pub mod stand;
pub mod ui;
