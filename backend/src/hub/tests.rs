//! The hub without sockets: rooms come to life, die, and hand events on.

use super::post::Post;
use super::*;
use crate::auth::{Kind, Visitor};
use crate::bus::LocalBus;
use crate::clock::{Clock, NoRandomness, RandomSource};
use crate::room::permissions::Requester;
use crate::room::{
    Batch, Delivery, ManagedConnection, MembershipKey, PermissionHolder, Position, Rest,
    SendOrigin, ShardConnection, Subscriber,
};
use crate::store::contract::event;
use crate::store::sqlite::SqliteStore;
use crate::store::{Body, NewEvent, Placed};
use crate::store::{Range, RoomHead};
use crate::wire;
use common::ids::{Epoch, RequestId, Seq};
use common::{ErrorFrame, ServerFrame};
use namespace::Namespace;
use parking_lot::Mutex;
use tokio::sync::oneshot;

mod feed;

struct Fixed;

impl Clock for Fixed {
    fn now(&self) -> Timestamp {
        Timestamp(1_700_000_000_000)
    }
}

impl RandomSource for Fixed {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), NoRandomness> {
        buffer.fill(7);
        Ok(())
    }
}

/// A connection that only remembers.
#[derive(Default)]
struct Listener {
    /// How often it was given something, by membership.
    given: Mutex<Vec<MembershipKey>>,
    settled: Mutex<Vec<(Option<String>, bool)>>,
}

impl PermissionHolder for Listener {
    fn recheck_permissions(&self) {}
}

impl Subscriber for Listener {
    fn deliver(&self, membership: MembershipKey, _: &Arc<Room>, batch: &Batch) -> Delivery {
        self.given.lock().push(membership);
        Delivery::Done(batch.to.event)
    }

    fn prepare(&self) {}
}

impl ShardConnection for Listener {
    fn flush(&self) {}

    fn tick(&self, _now_ms: u64) {}

    fn shut_down(&self) {}
}

impl ManagedConnection for Listener {
    fn close(&self, _code: common::CloseCode) {}

    fn remove_from_room(&self, _: &Arc<Room>) {}

    fn address(&self) -> u64 {
        0
    }

    fn tell(self: Arc<Self>, _frame: &crate::room::Frame) {}
}

impl SendOrigin for Listener {
    fn completed(self: Arc<Self>, id: Option<&RequestId>, outcome: Result<&Placed, &ErrorFrame>) {
        self.settled
            .lock()
            .push((id.map(ToString::to_string), outcome.is_ok()));
    }
}

struct Fixture {
    hub: Arc<Hub>,
    store: Arc<SqliteStore>,
    _folder: tempfile::TempDir,
}

async fn fixture() -> Fixture {
    let (store, folder) = SqliteStore::temporary();
    let environment = Environment {
        clock: Arc::new(Fixed),
        random: Arc::new(Fixed),
    };
    let stores = Stores {
        durable: store.clone(),
        memory: MemoryLogs::Local(Arc::new(MemoryStore::new("life".parse().unwrap()))),
        markers: store.clone(),
        rooms: store.clone(),
        coordination: None,
    };
    let rule = |rooms: &str, durable, keep_count| Namespace {
        rooms: rooms.into(),
        durable,
        keep_age: None,
        keep_count,
    };
    let namespaces = Namespaces::new(vec![
        rule("live:*", false, None),
        rule("feed", true, Some(3)),
    ]);
    let config = HubConfig {
        spill: None,
        bus: Arc::new(LocalBus),
        head_check: Duration::from_secs(1),
        posts_max: 64,
        namespaces,
        shards: Shards::new(1),
        supervisor: Supervisor::default(),
        audit: Audit::new(store.clone(), Arc::new(Fixed)),
    };
    let hub = Hub::start(stores, environment, config).await.unwrap();
    Fixture {
        hub,
        store,
        _folder: folder,
    }
}

impl Fixture {
    async fn join(&self, room: &str, user: &str) -> (Membership, RoomHead, Arc<Listener>) {
        let listener = Arc::new(Listener::default());
        let (membership, at) = self.join_as(room, user, listener.clone()).await;
        (membership, at, listener)
    }

    async fn join_as(
        &self,
        room: &str,
        user: &str,
        recipient: Arc<dyn Subscriber>,
    ) -> (Membership, RoomHead) {
        let user = event(room, user, None, "x").author;
        let room = room.parse().unwrap();
        let visitor = Visitor::guest(user, Kind::Guest);
        let requester = Requester {
            visitor: &visitor,
            address: 0,
        };
        let request = JoinRequest {
            requester,
            shard: 0,
            recipient,
            key: 5,
        };
        self.hub.rooms.join(&room, request).await.unwrap()
    }

    async fn post(&self, event: NewEvent) -> Placed {
        let (caller, outcome) = oneshot::channel();
        let origin = Origin::Caller(caller);
        self.hub.logs.post(Post { event, origin }).unwrap();
        outcome.await.unwrap().unwrap()
    }

    fn live(&self) -> Vec<(String, usize)> {
        let rooms = self.hub.rooms.live_rooms();
        rooms
            .into_iter()
            .map(|(room, users)| (room.to_string(), users))
            .collect()
    }
}

fn contents(membership: &Membership, cursor: Seq) -> Vec<String> {
    let events = frames(membership, cursor).into_iter();
    events.map(content).collect()
}

fn decoded(pieces: &[crate::room::Frame]) -> Vec<ServerFrame> {
    let bytes: Vec<u8> = pieces.iter().flat_map(|piece| piece.to_vec()).collect();
    let (mut frames, mut rest) = (Vec::new(), bytes.as_slice());
    while !rest.is_empty() {
        let (text, next) = wire::split_text(rest).unwrap();
        let text = std::str::from_utf8(text).unwrap();
        frames.push(common::codec::decode_server(text).unwrap());
        rest = next;
    }
    frames
}

fn content(frame: ServerFrame) -> String {
    match frame {
        ServerFrame::Message(message) => message.content.unwrap().to_string(),
        ServerFrame::Broadcast(broadcast) => broadcast.content.unwrap().to_string(),
        other => panic!("not an event: {other:?}"),
    }
}

#[tokio::test]
async fn a_room_lives_from_its_first_member_to_its_last() {
    let fixture = fixture().await;
    assert_eq!(fixture.live(), []);
    let (first, ..) = fixture.join("a", "ada").await;
    let (second, ..) = fixture.join("a", "bob").await;
    assert_eq!(fixture.live(), [("a".to_owned(), 2)]);
    drop(first);
    assert_eq!(fixture.live(), [("a".to_owned(), 1)]);
    drop(second);
    assert_eq!(fixture.live(), []);
}

#[tokio::test]
async fn members_are_given_what_came_in_one_turn_once() {
    let fixture = fixture().await;
    let (membership, at, listener) = fixture.join("live:a", "ada").await;
    let shard = fixture.hub.shards.get(0).unwrap();
    // So that presence does not come in between.
    membership.room.flush_presence();
    shard.flush(0).await;
    listener.given.lock().clear();
    fixture.post(event("live:a", "bob", None, "one")).await;
    fixture.post(event("live:a", "bob", None, "two")).await;
    assert_eq!(listener.given.lock().len(), 0);
    shard.flush(0).await;
    assert_eq!(*listener.given.lock(), [5]);
    shard.flush(0).await;
    assert_eq!(listener.given.lock().len(), 1);
    fixture.post(event("live:a", "bob", None, "three")).await;
    shard.flush(0).await;
    assert_eq!(listener.given.lock().len(), 2);
    assert_eq!(contents(&membership, at.head), ["one", "two", "three"]);
}

#[tokio::test]
async fn a_room_that_was_told_of_presence_is_seen_to_until_it_is_quiet() {
    let fixture = fixture().await;
    let (membership, _, listener) = fixture.join("live:a", "ada").await;
    let room = &membership.room;
    // From here on nothing is awaited, so that nobody else sees to the room.
    room.flush_presence();
    room.presence_is_due();
    let bob = event("live:a", "bob", None, "x").author;
    let (key, _) = room.admit(0, bob.clone(), listener, 6);
    assert!(room.flush_presence(), "bob has come");
    assert!(
        !room.presence_is_due(),
        "what changes while that is told must wait for the next time"
    );
    room.dismiss(0, key, &bob.id);
    assert!(room.flush_presence(), "bob has gone");
    assert!(!room.flush_presence());
    assert!(room.presence_is_due(), "whoever comes now asks anew");
}

#[tokio::test]
async fn a_repeat_is_acknowledged_but_not_published_again() {
    let fixture = fixture().await;
    let (membership, at, _) = fixture.join("a", "ada").await;
    let sent = event("a", "bob", Some("x"), "once");
    assert_eq!(fixture.post(sent.clone()).await.seq, Seq(1));
    let again = fixture.post(sent).await;
    assert_eq!((again.seq, again.repeat), (Seq(1), true));
    assert_eq!(contents(&membership, at.head), ["once"]);
}

#[tokio::test]
async fn a_room_that_comes_to_life_again_starts_at_its_head() {
    let fixture = fixture().await;
    fixture.post(event("a", "ada", None, "before")).await;
    let (membership, at, _) = fixture.join("a", "ada").await;
    assert_eq!(at.head, Seq(1));
    assert_eq!(contents(&membership, at.head), [""; 0]);
    fixture.post(event("a", "ada", None, "after")).await;
    assert_eq!(contents(&membership, at.head), ["after"]);
}

#[test]
fn cursors_are_placed_where_the_client_left_off_or_it_is_told() {
    let at = RoomHead {
        epoch: "e".parse().unwrap(),
        floor: Seq(20),
        head: Seq(100),
    };
    let (same, other): (Epoch, Epoch) = ("e".parse().unwrap(), "f".parse().unwrap());
    for (since, last, after, complete) in [
        (None, None, 100, true),
        (None, Some(50), 50, true),
        (None, Some(200), 20, true),
        (Some((Seq(40), &same)), None, 40, true),
        (Some((Seq(100), &same)), Some(50), 100, true),
        (Some((Seq(20), &same)), None, 20, true),
        (Some((Seq(19), &same)), None, 100, false),
        (Some((Seq(101), &same)), None, 100, false),
        (Some((Seq(40), &other)), None, 100, false),
        (Some((Seq(40), &other)), Some(30), 70, false),
    ] {
        let since = since.map(|(seq, epoch)| (seq, Some(epoch)));
        let placed = Cursor::place(&at, since, last);
        let expected = Cursor {
            after: Seq(after),
            complete,
        };
        assert_eq!(placed, expected, "since {since:?}, last {last:?}");
    }
}

#[test]
fn from_the_beginning_needs_no_epoch() {
    for (floor, complete) in [(0, true), (20, false)] {
        let at = RoomHead {
            epoch: "e".parse().unwrap(),
            floor: Seq(floor),
            head: Seq(100),
        };
        let placed = Cursor::place(&at, Some((Seq::ZERO, None)), Some(30));
        let after = Seq(floor);
        assert_eq!(placed, Cursor { after, complete });
    }
}

/// What follows an event, for a member that was told all presence.
fn events_after(membership: &Membership, event: Seq) -> Batch {
    let room = &membership.room;
    room.read(Position {
        event,
        ..room.end()
    })
}

fn frames(membership: &Membership, cursor: Seq) -> Vec<ServerFrame> {
    let batch = events_after(membership, cursor);
    assert_eq!(batch.rest, Rest::Nothing);
    decoded(&batch.frames)
}

#[tokio::test]
async fn what_was_deleted_is_gone_from_the_tail_and_from_history() {
    let fixture = fixture().await;
    let (membership, at, _) = fixture.join("a", "ada").await;
    fixture.post(event("a", "ada", None, "secret")).await;
    let edit = Body::Edit {
        target: Seq(1),
        content: Some("secret 2".parse().unwrap()),
        data: None,
    };
    fixture
        .post(NewEvent {
            body: edit,
            ..event("a", "ada", None, "x")
        })
        .await;
    let delete = Body::Delete {
        target: Seq(1),
        any: false,
    };
    fixture
        .post(NewEvent {
            body: delete,
            ..event("a", "ada", None, "x")
        })
        .await;
    let frames = frames(&membership, at.head);
    let [
        ServerFrame::Message(message),
        ServerFrame::Edited(edited),
        ServerFrame::Deleted(deleted),
    ] = frames.as_slice()
    else {
        panic!("not a message, its edit and its deletion: {frames:?}");
    };
    assert!(message.deleted && message.content.is_none() && edited.content.is_none());
    assert_eq!(deleted.target, Seq(1));
    let page = fixture
        .hub
        .logs
        .history(&"a".parse().unwrap(), Range::Newest, 10)
        .await
        .unwrap();
    assert_eq!((page.messages.len(), page.head), (1, Seq(3)));
    assert!(page.messages[0].deleted);
}

#[tokio::test]
async fn history_has_every_message_in_its_present_state() {
    let fixture = fixture().await;
    let change = |user: &str, body| NewEvent {
        body,
        ..event("a", user, None, "x")
    };
    let react = |user: &str, emoji: &str, on| {
        change(
            user,
            Body::React {
                target: Seq(1),
                emoji: emoji.parse().unwrap(),
                on,
            },
        )
    };
    fixture.post(event("a", "ada", None, "first")).await;
    let content = Some("FIRST".parse().unwrap());
    fixture
        .post(change(
            "ada",
            Body::Edit {
                target: Seq(1),
                content,
                data: None,
            },
        ))
        .await;
    for event in [
        react("bob", "+1", true),
        react("ada", "+1", true),
        react("bob", "+1", true),
        react("eve", "!", true),
        react("eve", "!", false),
        react("ada", "+1", false),
    ] {
        fixture.post(event).await;
    }
    let page = fixture
        .hub
        .logs
        .history(&"a".parse().unwrap(), Range::Newest, 10)
        .await
        .unwrap();
    let message = &page.messages[0];
    assert_eq!(message.content.as_ref().unwrap().as_str(), "FIRST");
    assert!(message.edited_at.is_some());
    let reactions: Vec<_> = message
        .reactions
        .iter()
        .map(|r| (r.emoji.as_str(), r.users.len()))
        .collect();
    assert_eq!(reactions, [("+1", 1)]);
}

#[tokio::test]
async fn a_room_in_memory_is_a_room_like_any_other_and_leaves_nothing_on_disk() {
    let fixture = fixture().await;
    let (membership, at, _) = fixture.join("live:match", "ada").await;
    let tick = event("live:match", "ada", Some("t1"), "tick");
    assert_eq!(fixture.post(tick.clone()).await.seq, Seq(1));
    assert!(fixture.post(tick).await.repeat);
    assert_eq!(contents(&membership, at.head), ["tick"]);
    let stored = fixture
        .hub
        .logs
        .durable
        .store
        .rooms(None, 10)
        .await
        .unwrap();
    assert_eq!(stored, []);
    assert_eq!(fixture.hub.logs.public_rooms(10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn members_of_a_log_that_began_anew_are_told_and_the_next_ones_find_the_new_one() {
    let fixture = fixture().await;
    let (membership, ..) = fixture.join("live:match", "ada").await;
    fixture.post(event("live:match", "ada", None, "one")).await;
    // Nothing in the hub does this to a live room; a store that was replaced under it would.
    let MemoryWritePath::Local(memory) = &fixture.hub.logs.memory else {
        panic!("a single node's own memory");
    };
    memory.store.expire(Timestamp(u64::MAX), |_| false);
    fixture
        .post(event("live:match", "ada", None, "other"))
        .await;
    assert_eq!(events_after(&membership, Seq(1)).rest, Rest::Lost);
    let (_, at, _) = fixture.join("live:match", "bob").await;
    assert_eq!(at.head, Seq(1));
}

#[tokio::test]
async fn retention_raises_the_floor_of_live_rooms_too() {
    let fixture = fixture().await;
    let (membership, ..) = fixture.join("feed", "ada").await;
    for n in 0..10 {
        fixture
            .post(event("feed", "ada", None, &n.to_string()))
            .await;
    }
    maintenance::round(&fixture.hub).await.unwrap();
    let at = membership.room.open().await.unwrap();
    assert_eq!((at.floor, at.head), (Seq(7), Seq(10)));
    let since = |seq| Cursor::place(&at, Some((Seq(seq), Some(&at.epoch))), None).complete;
    assert!(since(7) && !since(6));
}
