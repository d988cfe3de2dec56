//! What the browser remembers for the page (`localStorage`). A browser that forbids it remembers
//! nothing, and the page works on.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// All keys begin with this: the origin may serve other programs too.
const PREFIX: &str = "hubbub.";

fn storage() -> Option<web_sys::Storage> {
    web_sys::window()?.local_storage().ok()?
}

/// Reads what was remembered under a key; nothing where it is absent or no longer readable.
#[must_use]
pub fn load<T: DeserializeOwned>(key: &str) -> Option<T> {
    let text = storage()?.get_item(&format!("{PREFIX}{key}")).ok()??;
    common::json::from_str(&text).ok()
}

/// Remembers a value.
pub fn save(key: &str, value: &impl Serialize) {
    if let (Some(storage), Ok(text)) = (storage(), serde_json::to_string(value)) {
        // A full or forbidden storage is not worth an interruption.
        let _ = storage.set_item(&format!("{PREFIX}{key}"), &text);
    }
}

/// Forgets a value.
pub fn remove(key: &str) {
    if let Some(storage) = storage() {
        let _ = storage.remove_item(&format!("{PREFIX}{key}"));
    }
}

/// Which key another tab has removed, by the event that tells of it. The event is the browser's
/// own: this tab's changes come to all others, and never back.
#[must_use]
pub fn removed_key(event: &web_sys::StorageEvent) -> Option<String> {
    let is_removed = event.new_value().is_none();
    let key = event.key().filter(|_| is_removed)?;
    key.strip_prefix(PREFIX).map(str::to_owned)
}

/// Which key another tab has changed, or removed.
#[must_use]
pub fn changed_key(event: &web_sys::StorageEvent) -> Option<String> {
    event.key()?.strip_prefix(PREFIX).map(str::to_owned)
}

/// The keys that begin with `start`, without the prefix common to all.
#[must_use]
pub fn keys(start: &str) -> Vec<String> {
    let Some(storage) = storage() else {
        return Vec::new();
    };
    (0..storage.length().unwrap_or(0))
        .filter_map(|index| storage.key(index).ok()?)
        .filter_map(|key| key.strip_prefix(PREFIX).map(str::to_owned))
        .filter(|key| key.starts_with(start))
        .collect()
}
