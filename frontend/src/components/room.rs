//! One room beside its timeline: header, members, settings, and the dialogs about it and its people.

pub mod about;
pub mod create_dialog;
pub mod header;
pub mod leave_button;
pub mod member_panel;
pub mod person_dialog;
pub mod role_choice;
pub mod sanction_form;
pub mod sanction_line;
