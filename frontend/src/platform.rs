//! The browser, as far as the page needs it: with `socket` the only place that names `web-sys` and
//! `js-sys`. Nothing here decides; a browser that lacks something answers as if it were empty.

pub mod clipboard;
pub mod clock;
pub mod dom;
pub mod fetch;
pub mod history;
pub mod page;
pub mod storage;
