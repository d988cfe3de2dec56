//! The page's components in a real browser, over a client core whose server is a few lines of Rust.

#![cfg(target_arch = "wasm32")]
#[cfg(test)]
mod changes;
#[cfg(test)]
mod composer;
#[cfg(test)]
mod connection;
#[cfg(test)]
mod rooms;
#[cfg(test)]
mod rows;
#[cfg(test)]
mod support;
#[cfg(test)]
mod text;
#[cfg(test)]
mod timeline;
#[cfg(test)]
mod welcome;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
