//! How long the reader has to wait in a room in slow mode. By this browser's clock, from what was
//! sent here: the server counts for itself, and a message that comes too early waits for its turn.

use common::client::Millis;
use common::text::RoomName;
use leptos::prelude::*;
use std::collections::HashMap;

/// When the reader last said something, room by room.
#[derive(Clone, Copy)]
pub struct SlowModeTimer(RwSignal<HashMap<RoomName, Millis>>);

impl SlowModeTimer {
    /// Nothing was said yet.
    #[must_use]
    pub fn new() -> Self {
        Self(RwSignal::new(HashMap::new()))
    }

    /// The reader has just said something.
    pub fn said(self, room: &RoomName, now: Millis) {
        self.0.update(|said| {
            said.insert(room.clone(), now);
        });
    }

    /// The seconds until the reader may say something again, tracked; 0 is now.
    #[must_use]
    pub fn wait(self, room: &RoomName, slow_mode_ms: u64, now: Millis) -> u64 {
        let said = self.0.with(|said| said.get(room).copied());
        said.map_or(0, |at| left(at, slow_mode_ms, now))
    }
}

impl Default for SlowModeTimer {
    fn default() -> Self {
        Self::new()
    }
}

/// A clock that was set back makes nobody wait longer than the room asks for.
fn left(said: Millis, slow_mode_ms: u64, now: Millis) -> u64 {
    let passed = now.since(said);
    slow_mode_ms.saturating_sub(passed).div_ceil(1000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn the_wait_is_counted_down_and_never_longer_than_the_room_asks_for() {
        let said = Millis(10_000);
        for (now, expected) in [(10_000, 5), (10_001, 5), (14_001, 1), (15_000, 0), (1, 5)] {
            assert_eq!(left(said, 5_000, Millis(now)), expected, "at {now}");
        }
    }
}
