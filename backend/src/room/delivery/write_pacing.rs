//! Write pacing: a minimum delay between two passes over a busy, durable room.
//!
//! A pass over a thousand members takes a worker about five milliseconds. Events published meanwhile
//! wait and are written together. But a durable room's events are published in groups, one for each
//! commit, and a pass for each group would cost as much as one pass for all of them. After a pass that
//! took long and carried several events, the next pass in the same room therefore starts no sooner than
//! half of its duration later. Events that arrive one by one are never delayed, and rooms in memory are
//! not paced: their events are published as they arrive, and waiting gains nothing there (ADR 9).

use crate::room::Room;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// A pass that took less is followed by the next one at once: some four hundred members. A shorter one
/// would need a pause below the resolution of the event loop's timers, one millisecond.
const LONG: Duration = Duration::from_millis(3);

/// Events of one pass after which more are to be expected.
const BUSY: u64 = 4;

/// The longest delay.
const PAUSE_MAX: Duration = Duration::from_millis(10);

/// See the module.
#[derive(Default)]
pub(super) struct WritePacing {
    pauses: Vec<Pause>,
}

struct Pause {
    room: Arc<Room>,
    until: Instant,
    /// Whether there is something to write.
    due: bool,
}

impl WritePacing {
    /// Waits for `changed`, or for the end of a pause of a room with something to write.
    pub(super) async fn until_due(&self, changed: impl Future<Output = ()>) {
        let due = self.pauses.iter().filter(|pause| pause.due);
        match due.map(|pause| pause.until).min() {
            None => changed.await,
            Some(until) => tokio::select! {
                () = changed => {}
                () = sleep_until(until) => {}
            },
        }
    }

    /// Of these rooms, and of those whose pause is over, the ones to be written to now.
    pub(super) fn choose(&mut self, mut rooms: Vec<Arc<Room>>) -> Vec<Arc<Room>> {
        if self.pauses.is_empty() {
            return rooms;
        }
        let now = Instant::now();
        rooms.retain(|room| !self.defer(room, now));
        self.pauses.retain(|pause| {
            let is_over = pause.until <= now;
            if is_over && pause.due {
                rooms.push(Arc::clone(&pause.room));
            }
            !is_over
        });
        rooms
    }

    fn defer(&mut self, room: &Arc<Room>, now: Instant) -> bool {
        let mut paused = self.pauses.iter_mut().filter(|pause| pause.until > now);
        let found = paused.find(|pause| Arc::ptr_eq(&pause.room, room));
        found.is_some_and(|pause| {
            pause.due = true;
            true
        })
    }

    /// A pass in this room took so long, and wrote so many events to each of its members.
    pub(super) fn note(&mut self, room: Arc<Room>, took: Duration, events: u64) {
        if room.is_committed_in_groups() && took >= LONG && events >= BUSY {
            self.pauses.push(Pause {
                room,
                until: Instant::now() + (took / 2).min(PAUSE_MAX),
                due: false,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::room::delivery::shard::Shards;
    use crate::store::memory::MemoryStore;

    fn room(name: &str) -> Arc<Room> {
        let store = Arc::new(MemoryStore::new("e".parse().unwrap()));
        let room = Room::new(name.parse().unwrap(), store, Shards::new(1));
        Arc::new(room.committed_in_groups())
    }

    fn names(rooms: &[Arc<Room>]) -> Vec<&str> {
        rooms.iter().map(|room| room.name().as_str()).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn a_durable_room_pauses_half_as_long_as_its_last_pass_took() {
        let (large, small, calm) = (room("large"), room("small"), room("calm"));
        let store = Arc::new(MemoryStore::new("e".parse().unwrap()));
        let live = Room::new("live".parse().unwrap(), store, Shards::new(1));
        let live = Arc::new(live);
        let mut pacing = WritePacing::default();
        pacing.note(Arc::clone(&large), Duration::from_millis(8), BUSY);
        pacing.note(Arc::clone(&small), Duration::from_millis(2), BUSY);
        pacing.note(Arc::clone(&live), Duration::from_millis(8), BUSY);
        pacing.note(Arc::clone(&calm), Duration::from_millis(8), BUSY - 1);
        let rooms = [&large, &small, &calm, &live].map(Arc::clone);
        assert_eq!(
            names(&pacing.choose(rooms.into())),
            ["small", "calm", "live"],
            "short passes, single events and rooms in memory are not paced"
        );

        let began = Instant::now();
        pacing.until_due(std::future::pending()).await;
        assert_eq!(began.elapsed(), Duration::from_millis(4));
        assert_eq!(names(&pacing.choose(vec![])), ["large"]);
        assert!(names(&pacing.choose(vec![])).is_empty(), "once");
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_is_bounded_and_a_room_that_nothing_waits_for_is_forgotten() {
        let large = room("large");
        let mut pacing = WritePacing::default();
        pacing.note(Arc::clone(&large), Duration::from_secs(1), BUSY);
        tokio::time::advance(PAUSE_MAX).await;
        assert!(names(&pacing.choose(vec![])).is_empty(), "nothing new");
        assert_eq!(Arc::strong_count(&large), 1);
        let chosen = pacing.choose(vec![Arc::clone(&large)]);
        assert_eq!(names(&chosen), ["large"], "a lone event waits for nobody");
    }

    #[tokio::test(start_paused = true)]
    async fn events_of_another_room_end_the_wait() {
        let (large, other) = (room("large"), room("other"));
        let mut pacing = WritePacing::default();
        pacing.note(Arc::clone(&large), Duration::from_millis(20), BUSY);
        assert!(pacing.choose(vec![Arc::clone(&large)]).is_empty());
        let began = Instant::now();
        pacing.until_due(std::future::ready(())).await;
        assert_eq!(began.elapsed(), Duration::ZERO);
        assert_eq!(names(&pacing.choose(vec![other])), ["other"]);
        pacing.until_due(std::future::pending()).await;
        assert_eq!(names(&pacing.choose(vec![])), ["large"]);
    }
}
