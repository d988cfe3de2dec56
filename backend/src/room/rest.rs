//! Rest for large rooms: who has just been written to at length is not written to again at once.
//!
//! To write to a thousand members takes a worker some five milliseconds. What is published meanwhile
//! waits, and goes out together; but events come in small groups, one for each sync of the disk or
//! for each turn of the event loop, and a round for each group would cost as much as one for all of
//! them. So a round that took long, and carried several events, is followed by the next in the same
//! room no sooner than half of that time after its end, or as long where it was short. Events that
//! come one by one wait for nobody.

use super::Room;
use crate::clock::Alarm;
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
const REST_MAX: Duration = Duration::from_millis(10);

/// See the module.
#[derive(Default)]
pub(super) struct Resting {
    rests: Vec<Rest>,
    alarm: Option<Alarm>,
}

struct Rest {
    room: Arc<Room>,
    until: Instant,
    /// Whether there is something to write.
    due: bool,
}

impl Resting {
    /// With an alarm for short rests, or without.
    pub(super) fn by(alarm: Option<Alarm>) -> Self {
        let rests = Vec::new();
        Self { rests, alarm }
    }

    /// Waits for news, or for the end of a rest that something waits for.
    pub(super) async fn until_due(&self, news: impl Future<Output = ()>) {
        let due = self.rests.iter().filter(|rest| rest.due);
        match due.map(|rest| rest.until).min() {
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
        if self.rests.is_empty() {
            return rooms;
        }
        let now = Instant::now();
        rooms.retain(|room| !self.defer(room, now));
        self.rests.retain(|rest| {
            let is_over = rest.until <= now;
            if is_over && rest.due {
                rooms.push(Arc::clone(&rest.room));
            }
            !is_over
        });
        rooms
    }

    fn defer(&mut self, room: &Arc<Room>, now: Instant) -> bool {
        let mut resting = self.rests.iter_mut().filter(|rest| rest.until > now);
        let found = resting.find(|rest| Arc::ptr_eq(&rest.room, room));
        found.is_some_and(|rest| {
            rest.due = true;
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
            self.rests.push(Rest {
                room,
                until: Instant::now() + rest_after(took),
                due: false,
            });
        }
    }
}

fn rest_after(took: Duration) -> Duration {
    (took / 2).max(took.min(SHORT)).min(REST_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::room::shard::Shards;
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
        let mut resting = Resting::default();
        resting.note(Arc::clone(&large), Duration::from_millis(8), BUSY);
        resting.note(Arc::clone(&small), Duration::from_millis(2), BUSY);
        resting.note(Arc::clone(&calm), Duration::from_millis(8), BUSY - 1);
        let rooms = [&large, &small, &calm].map(Arc::clone);
        assert_eq!(
            names(&resting.choose(rooms.into())),
            ["small", "calm"],
            "what is written quickly needs no rest, nor does what comes one by one"
        );

        let began = Instant::now();
        resting.until_due(std::future::pending()).await;
        assert_eq!(began.elapsed(), Duration::from_millis(4));
        assert_eq!(names(&resting.choose(vec![])), ["large"]);
        assert!(names(&resting.choose(vec![])).is_empty(), "once");
    }

    #[tokio::test(start_paused = true)]
    async fn a_rest_is_bounded_and_a_room_that_nothing_waits_for_is_forgotten() {
        let large = room("large");
        let mut resting = Resting::default();
        resting.note(Arc::clone(&large), Duration::from_secs(1), BUSY);
        tokio::time::advance(REST_MAX).await;
        assert!(names(&resting.choose(vec![])).is_empty(), "nothing new");
        assert_eq!(Arc::strong_count(&large), 1);
        let chosen = resting.choose(vec![Arc::clone(&large)]);
        assert_eq!(names(&chosen), ["large"], "a lone event waits for nobody");
    }

    #[tokio::test(start_paused = true)]
    async fn news_of_another_room_end_the_wait() {
        let (large, other) = (room("large"), room("other"));
        let mut resting = Resting::default();
        resting.note(Arc::clone(&large), Duration::from_millis(20), BUSY);
        assert!(resting.choose(vec![Arc::clone(&large)]).is_empty());
        let began = Instant::now();
        resting.until_due(std::future::ready(())).await;
        assert_eq!(began.elapsed(), Duration::ZERO);
        assert_eq!(names(&resting.choose(vec![other])), ["other"]);
        resting.until_due(std::future::pending()).await;
        assert_eq!(names(&resting.choose(vec![])), ["large"]);
    }
}
