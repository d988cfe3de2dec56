//! Rest for large rooms: who has just been written to at length is not written to again at once.
//!
//! To write to a thousand members takes a worker ten milliseconds. What is published meanwhile
//! waits, and goes out together; but where the log is on disk, its events come in small groups, one
//! for each sync, and a round for each group would cost as much as one for all of them. So a round
//! that took long is followed by the next in the same room no sooner than half of that time after
//! its end. A lone event finds the room at rest for long, and waits for nobody.

use super::Room;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// A round that took less is followed by the next at once.
const LONG: Duration = Duration::from_millis(3);

/// The longest rest.
const REST_MAX: Duration = Duration::from_millis(10);

/// See the module.
#[derive(Default)]
pub(super) struct Resting(Vec<Rest>);

struct Rest {
    room: Arc<Room>,
    until: Instant,
    /// Whether there is something to write.
    due: bool,
}

impl Resting {
    /// Waits for news, or for the end of a rest that something waits for.
    pub(super) async fn until_due(&self, news: impl Future<Output = ()>) {
        let due = self.0.iter().filter(|rest| rest.due);
        match due.map(|rest| rest.until).min() {
            None => news.await,
            Some(until) => drop(tokio::time::timeout_at(until, news).await),
        }
    }

    /// Of these, and of those whose rest is over, the rooms that are to be written to now.
    pub(super) fn choose(&mut self, mut rooms: Vec<Arc<Room>>) -> Vec<Arc<Room>> {
        if self.0.is_empty() {
            return rooms;
        }
        let now = Instant::now();
        rooms.retain(|room| !self.defer(room, now));
        self.0.retain(|rest| {
            let is_over = rest.until <= now;
            if is_over && rest.due {
                rooms.push(Arc::clone(&rest.room));
            }
            !is_over
        });
        rooms
    }

    fn defer(&mut self, room: &Arc<Room>, now: Instant) -> bool {
        let mut resting = self.0.iter_mut().filter(|rest| rest.until > now);
        let found = resting.find(|rest| Arc::ptr_eq(&rest.room, room));
        found.is_some_and(|rest| {
            rest.due = true;
            true
        })
    }

    /// A round in this room took so long.
    pub(super) fn note(&mut self, room: Arc<Room>, took: Duration) {
        if took >= LONG {
            self.0.push(Rest {
                room,
                until: Instant::now() + (took / 2).min(REST_MAX),
                due: false,
            });
        }
    }
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
        let (large, small) = (room("large"), room("small"));
        let mut resting = Resting::default();
        resting.note(Arc::clone(&large), Duration::from_millis(8));
        resting.note(Arc::clone(&small), Duration::from_millis(2));
        let chosen = resting.choose(vec![Arc::clone(&large), Arc::clone(&small)]);
        assert_eq!(
            names(&chosen),
            ["small"],
            "what is written quickly needs no rest"
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
        resting.note(Arc::clone(&large), Duration::from_secs(1));
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
        resting.note(Arc::clone(&large), Duration::from_millis(20));
        assert!(resting.choose(vec![Arc::clone(&large)]).is_empty());
        let began = Instant::now();
        resting.until_due(std::future::ready(())).await;
        assert_eq!(began.elapsed(), Duration::ZERO);
        assert_eq!(names(&resting.choose(vec![other])), ["other"]);
        resting.until_due(std::future::pending()).await;
        assert_eq!(names(&resting.choose(vec![])), ["large"]);
    }
}
