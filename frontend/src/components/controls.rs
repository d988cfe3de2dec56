//! Controls that several parts of the page share.

pub mod avatar;
pub mod choice;
pub mod confirm_button;
pub mod copy_line;
pub mod dialog;
pub mod fetched;
pub mod field;
pub mod icon;
pub mod keyed_list;
pub mod lazy;
pub mod page_link;
pub mod password_field;
pub mod result_note;
pub mod room_icon;
pub mod tabs;
pub mod toolbar;
