//! Write pacing: a minimum delay between two passes over a busy room.
//!
//! A pass over a thousand members takes a worker about five milliseconds. Events published meanwhile
//! wait and are written together. But events arrive in small groups, one for each disk sync or turn of
//! the event loop, and a pass for each group would cost as much as one pass for all of them. After a
//! pass that took long and carried several events, the next pass in the same room therefore starts no
//! sooner than half of its duration later, or its whole duration if it was short. Events that arrive
//! one by one are never delayed.

use crate::clock::Alarm;
use crate::room::Room;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// A round that took less is followed by the next at once: some forty members.
const LONG: Duration = Duration::from_micros(200);

/// The same where there is no alarm, and no rest shorter than a millisecond or two.
const LONG_BY_TICKS: Duration = Duration::from_millis(3);

/// Up to here, a rest is as long as the round was: so long it takes those who were written to last
/// to read, and to answer.
const SHORT: Duration = Duration::from_micros(500);

/// Events of one round that let one expect more.
const BUSY: u64 = 4;

/// The longest rest.
const PAUSE_MAX: Duration = Duration::from_millis(10);

/// See the module.
#[derive(Default)]
pub(super) struct WritePacing {
    pauses: Vec<Pause>,
    alarm: Option<Alarm>,
}

struct Pause {
    room: Arc<Room>,
    until: Instant,
    /// Whether there is something to write.
    due: bool,
}

impl WritePacing {
    /// With an alarm for short rests, or without.
    pub(super) fn by(alarm: Option<Alarm>) -> Self {
        let pauses = Vec::new();
        Self { pauses, alarm }
    }

    /// Waits for news, or for the end of a rest that something waits for.
    pub(super) async fn until_due(&self, news: impl Future<Output = ()>) {
        let due = self.pauses.iter().filter(|pause| pause.due);
        match due.map(|pause| pause.until).min() {
            None => news.await,
            Some(until) => tokio::select! {
                () = news => {}
                () = self.sleep(until) => {}
            },
        }
    }

    async fn sleep(&self, until: Instant) {
        if let Some(alarm) = &self.alarm {
            let time = until.saturating_duration_since(Instant::now());
            match alarm.wait(time).await {
                Ok(()) => return,
                Err(error) => tracing::warn!(%error, "the system's timer does not work"),
            }
        }
        tokio::time::sleep_until(until).await;
    }

    /// Of these, and of those whose rest is over, the rooms that are to be written to now.
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

    /// A round in this room took so long, and wrote so many events to each of its members.
    pub(super) fn note(&mut self, room: Arc<Room>, took: Duration, events: u64) {
        let long = match self.alarm {
            Some(_) => LONG,
            None => LONG_BY_TICKS,
        };
        if took >= long && events >= BUSY {
            self.pauses.push(Pause {
                room,
                until: Instant::now() + pause_after(took),
                due: false,
            });
        }
    }
}

fn pause_after(took: Duration) -> Duration {
    (took / 2).max(took.min(SHORT)).min(PAUSE_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::room::delivery::shard::Shards;
    use crate::store::memory::MemoryStore;

    fn room(name: &str) -> Arc<Room> {
        let store = Arc::new(MemoryStore::new("e".parse().unwrap()));
        Arc::new(Room::new(name.parse().unwrap(), store, Shards::new(1)))
    }

    fn names(rooms: &[Arc<Room>]) -> Vec<&str> {
        rooms.iter().map(|room| room.name().as_str()).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn a_room_rests_half_as_long_as_its_last_round_took() {
        let (large, small, calm) = (room("large"), room("small"), room("calm"));
        let mut pacing = WritePacing::default();
        pacing.note(Arc::clone(&large), Duration::from_millis(8), BUSY);
        pacing.note(Arc::clone(&small), Duration::from_millis(2), BUSY);
        pacing.note(Arc::clone(&calm), Duration::from_millis(8), BUSY - 1);
        let rooms = [&large, &small, &calm].map(Arc::clone);
        assert_eq!(
            names(&pacing.choose(rooms.into())),
            ["small", "calm"],
            "what is written quickly needs no rest, nor does what comes one by one"
        );

        let began = Instant::now();
        pacing.until_due(std::future::pending()).await;
        assert_eq!(began.elapsed(), Duration::from_millis(4));
        assert_eq!(names(&pacing.choose(vec![])), ["large"]);
        assert!(names(&pacing.choose(vec![])).is_empty(), "once");
    }

    #[tokio::test(start_paused = true)]
    async fn a_rest_is_bounded_and_a_room_that_nothing_waits_for_is_forgotten() {
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
    async fn news_of_another_room_end_the_wait() {
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
