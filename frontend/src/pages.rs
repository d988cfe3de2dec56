//! One file for each page: what the reader sees as a whole.

pub mod account;
pub mod admin;
pub mod home;
pub mod hub;
pub mod invite;
pub mod room;
pub mod welcome;
