//! Events that were stored behind the hub's back: every member receives them once, in order.

use super::*;
use crate::room::Frame;
use crate::store::Appended;
use common::CloseCode;

/// A connection that takes what lies behind its cursor.
#[derive(Default)]
struct Follower {
    position: Mutex<Position>,
    heard: Mutex<Vec<u64>>,
    has_fallen_behind: Mutex<bool>,
}

impl PermissionHolder for Follower {
    fn recheck_permissions(&self) {}
}

impl Subscriber for Follower {
    fn deliver(&self, _: MembershipKey, _: &Arc<Room>, batch: &Batch) -> Delivery {
        let mut position = self.position.lock();
        if *position != batch.from {
            return Delivery::Elsewhere(*position);
        }
        assert_ne!(batch.rest, Rest::Lost);
        *position = batch.to;
        self.heard.lock().extend(seqs(&batch.frames));
        *self.has_fallen_behind.lock() |= batch.rest == Rest::Stored;
        Delivery::Done(batch.to.event)
    }

    fn prepare(&self) {}
}

impl ShardConnection for Follower {
    fn flush(&self) {}

    fn tick(&self, _: u64) {}

    fn shut_down(&self) {}
}

impl ManagedConnection for Follower {
    fn close(&self, _: CloseCode) {}

    fn remove_from_room(&self, _: &Arc<Room>) {}

    fn address(&self) -> u64 {
        0
    }

    fn tell(self: Arc<Self>, _: &Frame) {}
}

impl SendOrigin for Follower {
    fn completed(self: Arc<Self>, _: Option<&RequestId>, _: Result<&Placed, &ErrorFrame>) {}
}

fn seqs(pieces: &[Frame]) -> Vec<u64> {
    let seq = |frame| match frame {
        ServerFrame::Message(message) => message.seq.0,
        ServerFrame::Deleted(deleted) => deleted.seq.0,
        other => panic!("not an event: {other:?}"),
    };
    decoded(pieces).into_iter().map(seq).collect()
}

/// A room with one member who has received everything.
struct Setup {
    fixture: Fixture,
    membership: Membership,
    follower: Arc<Follower>,
}

impl Setup {
    async fn new() -> Self {
        let fixture = fixture().await;
        let follower = Arc::new(Follower::default());
        let (membership, _) = fixture.join_as("a", "ada", follower.clone()).await;
        Self {
            fixture,
            membership,
            follower,
        }
    }

    /// Appends to the store, as another node would.
    fn store(&self, events: &[NewEvent]) {
        let answers = self.fixture.store.append(events).unwrap();
        let is_placed = |answer| matches!(answer, &Appended::Placed(_));
        assert!(answers.iter().all(is_placed));
    }

    async fn advance_to(&self, head: u64) {
        let room = self.membership.room.name();
        let feed = self.fixture.hub.feed();
        feed.advance_to(room, Seq(head)).await.unwrap();
        self.deliver().await;
    }

    async fn deliver(&self) {
        self.fixture.hub.shards().get(0).unwrap().flush(0).await;
    }

    fn heard(&self) -> Vec<u64> {
        self.follower.heard.lock().clone()
    }
}

fn messages(count: usize) -> Vec<NewEvent> {
    (0..count).map(|_| event("a", "bob", None, "x")).collect()
}

#[tokio::test]
async fn members_receive_what_another_node_has_stored_in_order_and_once() {
    let setup = Setup::new().await;
    setup.store(&messages(3));
    setup.deliver().await;
    assert!(setup.heard().is_empty(), "nobody has said so yet");
    // Repeated, late, and beyond the end of the log.
    for (head, expected) in [(2, 1..=3), (3, 1..=3), (1, 1..=3), (99, 1..=3)] {
        setup.advance_to(head).await;
        assert_eq!(setup.heard(), expected.collect::<Vec<_>>(), "{head}");
    }
    setup.store(&messages(2));
    // This node stores one itself, before it has heard of the other two.
    let own = setup.fixture.post(event("a", "ada", None, "own")).await;
    assert_eq!(own.seq, Seq(6));
    // The committer answers before it marks the room.
    setup.membership.room.mark();
    setup.deliver().await;
    assert_eq!(setup.heard(), [1, 2, 3], "it waits for the gap before it");
    assert_eq!(setup.membership.room.newest_early(), Some(Seq(6)));
    setup.advance_to(5).await;
    assert_eq!(setup.heard(), [1, 2, 3, 4, 5, 6]);
    assert_eq!(setup.membership.room.newest_early(), None);
    setup.store(&messages(1));
    setup.advance_to(7).await;
    assert_eq!(setup.heard(), [1, 2, 3, 4, 5, 6, 7]);
    assert!(!*setup.follower.has_fallen_behind.lock());
}

#[tokio::test]
async fn a_room_far_behind_leaves_it_to_the_backlog() {
    let setup = Setup::new().await;
    setup.store(&messages(2000));
    setup.advance_to(2000).await;
    assert_eq!(setup.membership.room.head(), Seq(2000));
    assert!(setup.heard().is_empty() && *setup.follower.has_fallen_behind.lock());
}

#[tokio::test]
async fn what_another_node_has_deleted_is_gone_from_the_tail() {
    let setup = Setup::new().await;
    setup.store(&messages(2));
    setup.advance_to(2).await;
    let deletion = Body::Delete {
        target: Seq(1),
        any: false,
    };
    setup.store(&[NewEvent {
        body: deletion,
        ..event("a", "bob", None, "x")
    }]);
    setup.advance_to(3).await;
    let rest = events_after(&setup.membership, Seq::ZERO).rest;
    assert_eq!(rest, Rest::Stored, "read from the store");
}

#[tokio::test]
async fn a_room_that_is_not_live_or_whose_log_was_replaced_does_no_harm() {
    let setup = Setup::new().await;
    let elsewhere = "elsewhere".parse().unwrap();
    let feed = setup.fixture.hub.feed();
    feed.advance_to(&elsewhere, Seq(9)).await.unwrap();
    assert_eq!(setup.fixture.live(), [("a".to_owned(), 1)]);
}
