//! The highest rate that is sustained: a ladder of rising rates up to the first that does not hold,
//! then a few between that one and the last that did.

use crate::light_clients::{Ledgers, LightClientPlan, LightClients, SendRate, Talk};
use crate::progress::Progress;
use crate::report::Case;
use crate::server::Server;
use crate::times::ratio;
use anyhow::Result;
use std::slice::from_ref;
use std::time::Duration;
use tokio::time::sleep;

/// Messages a second that are tried in this order.
const LADDER: [u32; 11] = [
    2_000, 4_000, 8_000, 12_000, 16_000, 24_000, 32_000, 48_000, 64_000, 96_000, 128_000,
];

/// Rates that are tried between the last that held and the first that did not.
const BETWEEN_MAX: usize = 3;

/// A rate has failed when it did not hold so often in a row: somebody else may have needed the
/// machine for a moment.
const TRIES: usize = 2;

/// The last receiver may wait so long, in 99 of 100 messages.
const P99_MAX: Duration = Duration::from_millis(100);

/// One in so many of a second's messages may still be on their way at the end.
const BEHIND_PART: u64 = 10;

/// Between two rates, for whatever has gathered to be done with.
const REST: Duration = Duration::from_millis(200);

/// What is known so far. It ends after at most as many tries as there are rungs, and
/// [`BETWEEN_MAX`] and one more, [`TRIES`] times each.
#[derive(Debug, Default)]
struct Search {
    /// No rate above this is tried.
    most: u32,
    /// The highest rate that held; 0 where none has.
    held: u32,
    /// The lowest that failed.
    failed: Option<u32>,
    /// How often the present one did not hold.
    misses: usize,
    /// Rates between the two that were decided.
    between: usize,
}

impl Search {
    /// The rate to try next; nothing when the search is over.
    fn next(&self) -> Option<u32> {
        let Some(failed) = self.failed else {
            let mut rungs = LADDER.into_iter().filter(|rate| *rate <= self.most);
            return rungs.find(|rate| *rate > self.held);
        };
        let middle = self.held.midpoint(failed);
        (self.between < BETWEEN_MAX && middle > self.held).then_some(middle)
    }

    /// The rate has been tried. Returns whether that decides it.
    fn tell(&mut self, rate: u32, has_held: bool) -> bool {
        if !has_held && self.misses + 1 < TRIES {
            self.misses += 1;
            return false;
        }
        self.misses = 0;
        self.between += usize::from(self.failed.is_some());
        match has_held {
            true => self.held = rate,
            false => self.failed = Some(rate),
        }
        true
    }
}

/// Searches among rates up to `most`; the highest that held, and the lowest that did not.
pub(super) async fn search(
    plan: LightClientPlan,
    most: u32,
    server: &Server,
    time: Duration,
    progress: &mut Progress,
) -> Result<Vec<Case>> {
    let clients = LightClients::gather(plan, progress).await?;
    let mut search = Search {
        most,
        ..Search::default()
    };
    // Where nothing holds, that is the figure.
    let mut held = Case::new("highest sustained").with("rate", "1/s", 0.0);
    let mut failed = None;
    while let Some(rate) = search.next() {
        progress.begin(&format!("{rate} messages/s"));
        let pace = SendRate::Rate(f64::from(rate));
        let talk = clients.talk(pace, from_ref(server), time, progress).await?;
        let books = clients.settle(progress).await?;
        let has_held = holds(rate, &talk, &books);
        if search.tell(rate, has_held) {
            match has_held {
                true => held = tell("highest sustained", rate, &talk, &books),
                false => failed = Some(tell("first not sustained", rate, &talk, &books)),
            }
        }
        if !books.are_sound() {
            // The books go on, and the run has failed.
            failed = Some(tell("first not sustained", rate, &talk, &books));
            break;
        }
        sleep(REST).await;
    }
    Ok(std::iter::once(held).chain(failed).collect())
}

/// Whether a rate is sustained.
fn holds(rate: u32, talk: &Talk, books: &Ledgers) -> bool {
    let is_level = talk.behind * BEHIND_PART < u64::from(rate);
    let is_quick = !talk.times.is_empty() && talk.times.percentile(99) <= P99_MAX;
    is_level && is_quick && !talk.overrun && books.are_sound()
}

fn tell(name: &str, rate: u32, talk: &Talk, books: &Ledgers) -> Case {
    let case = Case::new(name).with("rate", "1/s", f64::from(rate));
    super::tell(case, talk, books).with("behind in the end", "messages", ratio(talk.behind))
}

#[cfg(test)]
mod tests;
