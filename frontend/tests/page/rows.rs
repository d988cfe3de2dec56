//! The keyed list under the timeline: whatever comes, goes and changes, the page shows it in order.

use crate::support::{Stage, settle};
use leptos::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

/// A small generator of numbers that look random and are the same every time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % bound
    }
}

#[wasm_bindgen_test]
async fn rows_stay_in_order_through_any_change() {
    let rows = RwSignal::new(Vec::<u32>::new());
    let stage = Stage::new(move || {
        let row = |n: u32| view! { <li class="row">{n}</li> };
        view! { <ol><For each=move || rows.get() key=|n| *n children=row /></ol> }.into_any()
    });
    let mut chance = Chance(7);
    let (mut first, mut next) = (500_000_u32, 500_000_u32);
    for round in 0..300 {
        let mut now = rows.get_untracked();
        // What a timeline does: older pages above, new ones below, a row replaced (its key changes
        // with its looks), the oldest dropped, all of it reloaded.
        match chance.below(6) {
            0 => {
                let page = u32::try_from(chance.below(9)).unwrap();
                let head = now.first().copied();
                now.splice(0..0, first - page..first);
                first -= page;
                // The first of the old rows no longer leads its group.
                if let Some(at) = now.iter().position(|n| Some(*n) == head) {
                    now[at] += 1_000_000;
                }
            }
            1 | 2 => {
                let count = u32::try_from(chance.below(4)).unwrap();
                now.extend(next..next + count);
                next += count;
            }
            3 if !now.is_empty() => {
                let at = chance.below(now.len());
                now[at] += 1_000_000;
            }
            4 if !now.is_empty() => {
                let from = chance.below(now.len());
                let to = from + chance.below(now.len() - from + 1);
                now.drain(from..to);
            }
            _ if chance.below(8) == 0 => now.clear(),
            _ => now.truncate(30),
        }
        let expected: Vec<String> = now.iter().map(ToString::to_string).collect();
        rows.set(now);
        leptos::task::tick().await;
        assert_eq!(stage.texts(".row"), expected, "in round {round}");
    }
    settle().await;
}
