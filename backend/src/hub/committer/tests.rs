//! A disk that does not answer keeps nobody from going away.

use super::*;
use crate::audit::Audit;
use crate::clock::Environment;
use crate::hub::feed::Feed;
use crate::hub::post::Origin;
use crate::room::delivery::shard::Shards;
use crate::store::contract::event;
use crate::store::memory::MemoryStore;
use crate::store::sqlite::SqliteStore;
use crate::store::{
    Appended, MessagePage, NewEvent, Page, Placed, Range, Retention, RoomHead, RoomRow, StoreError,
};
use async_trait::async_trait;
use common::ErrorFrame;
use common::text::RoomName;
use common::time::Timestamp;

/// A store whose appends wait for as long as this is locked.
struct Hanging {
    store: MemoryStore,
    disk: Arc<Mutex<()>>,
    panics: bool,
}

#[async_trait]
impl EventStore for Hanging {
    fn append(&self, batch: &[NewEvent]) -> Result<Vec<Appended>, StoreError> {
        let _answers = self.disk.lock();
        assert!(!self.panics, "planted");
        self.store.append(batch)
    }

    async fn head(&self, room: &RoomName) -> Result<RoomHead, StoreError> {
        self.store.head(room).await
    }

    async fn read(&self, room: &RoomName, range: Range, limit: usize) -> Result<Page, StoreError> {
        self.store.read(room, range, limit).await
    }

    async fn messages(
        &self,
        room: &RoomName,
        range: Range,
        limit: usize,
    ) -> Result<MessagePage, StoreError> {
        self.store.messages(room, range, limit).await
    }

    async fn prune(
        &self,
        room: &RoomName,
        keep: Retention,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.store.prune(room, keep, now).await
    }

    async fn rooms(
        &self,
        after: Option<&RoomName>,
        limit: usize,
    ) -> Result<Vec<RoomRow>, StoreError> {
        self.store.rooms(after, limit).await
    }

    async fn similar(&self, room: &RoomName, limit: usize) -> Result<Vec<RoomName>, StoreError> {
        self.store.similar(room, limit).await
    }

    async fn public_rooms(&self, limit: usize) -> Result<Vec<RoomRow>, StoreError> {
        self.store.public_rooms(limit).await
    }

    async fn rows(&self, rooms: Vec<RoomName>) -> Result<Vec<RoomRow>, StoreError> {
        self.store.rows(rooms).await
    }
}

#[tokio::test]
async fn closing_waits_for_the_disk_as_long_as_it_may() {
    for hangs in [false, true] {
        let disk = Arc::<Mutex<()>>::default();
        let store: Arc<dyn EventStore> = Arc::new(Hanging {
            store: MemoryStore::new("e".parse().unwrap()),
            disk: disk.clone(),
            panics: false,
        });
        let committer = Committers::start(&store, &publisher(), 8, &Supervisor::default()).unwrap();
        let held = hangs.then(|| disk.lock());
        let (post, mut outcome) = post();
        committer.post(post).unwrap();
        let timeouts = Duration::from_millis(if hangs { 20 } else { 60_000 });
        assert_eq!(committer.close(timeouts).await, !hangs);
        assert_eq!(outcome.try_recv().is_ok(), !hangs, "hangs: {hangs}");
        // What was given up is answered all the same, should the disk come back.
        drop(held);
        if hangs {
            assert!(outcome.await.unwrap().is_ok());
        }
        assert!(committer.post(self::post().0).is_err());
    }
}

#[tokio::test]
async fn a_panic_is_noticed_and_closes_the_queue() {
    let store: Arc<dyn EventStore> = Arc::new(Hanging {
        store: MemoryStore::new("e".parse().unwrap()),
        disk: Arc::default(),
        panics: true,
    });
    let supervisor = Supervisor::default();
    let committer = Committers::start(&store, &publisher(), 8, &supervisor).unwrap();
    let (post, outcome) = post();
    committer.post(post).unwrap();
    assert_eq!(supervisor.failure().await, "a committer");
    assert!(outcome.await.is_err(), "the sender does not hang");
    assert!(!committer.close(Duration::from_secs(60)).await);
    assert!(committer.post(self::post().0).is_err());
}

fn publisher() -> Publisher {
    Publisher {
        bus: Arc::new(crate::bus::LocalBus),
        feed: Feed::new(Arc::default(), Shards::new(1)),
        // Nothing is noted in it here, so its folder need not stay.
        audit: Audit::new(SqliteStore::temporary().0, Environment::system().clock),
    }
}

fn post() -> (Post, oneshot::Receiver<Result<Placed, ErrorFrame>>) {
    let (caller, outcome) = oneshot::channel();
    let event = event("a", "ada", None, "one");
    let origin = Origin::Caller(caller);
    (Post { event, origin }, outcome)
}
