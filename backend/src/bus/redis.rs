//! The bus over Redis: one channel of publish and subscribe for each room that is live somewhere.
//!
//! Two connections: one publishes, one is subscribed to the channels of this node's live rooms. Where
//! either is lost, it is made anew with a growing pause, and rooms are subscribed to again.

use super::{Bus, Hint, HintError, Received, Receiver, Subscription};
use crate::supervisor::Supervisor;
use bytes::Bytes;
use common::text::RoomName;
use futures_util::StreamExt as _;
use parking_lot::Mutex;
use redis::aio::{PubSubSink, PubSubStream};
use redis::{Client, RedisError, pipe};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

/// What the names of channels begin with.
const PREFIX: &str = "hubbub:room:";

/// Hints that may wait to be told; beyond, they are dropped.
const HINTS_MAX: usize = 4096;

/// Hints, or channels, in one request.
const AT_ONCE: usize = 256;

/// Pauses between two attempts to connect.
const PAUSE_MIN: Duration = Duration::from_millis(100);
const PAUSE_MAX: Duration = Duration::from_secs(2);

/// A connection to Redis that says nothing for so long is asked whether it is there.
const SILENT_MAX: Duration = Duration::from_secs(5);

/// How long a request may take.
const ANSWER_MAX: Duration = Duration::from_secs(2);

/// See the module.
pub struct RedisBus {
    client: Client,
    hints: mpsc::Sender<(RoomName, Vec<u8>)>,
    shared: Arc<Shared>,
    /// Until [`Bus::start`].
    starting: Mutex<Option<Starting>>,
    supervisor: Supervisor,
    /// This node's number in hints.
    node: u64,
}

struct Starting {
    hints: mpsc::Receiver<(RoomName, Vec<u8>)>,
    changes: mpsc::UnboundedReceiver<Change>,
}

struct Shared {
    /// How many want hints about a room.
    wanted: Mutex<HashMap<RoomName, usize>>,
    changes: mpsc::UnboundedSender<Change>,
    is_publishing: AtomicBool,
    is_subscribed: AtomicBool,
    dropped: AtomicU64,
}

enum Change {
    Subscribe(RoomName),
    Unsubscribe(RoomName),
}

impl RedisBus {
    /// A bus at this address, such as `redis://cache:6379` or `rediss://…` for TLS. `node` is a random
    /// number that no other node has.
    ///
    /// # Errors
    /// The address cannot be read.
    pub fn new(url: &str, node: u64, supervisor: &Supervisor) -> Result<Self, RedisError> {
        let (hints, waiting) = mpsc::channel(HINTS_MAX);
        let (changes, changed) = mpsc::unbounded_channel();
        Ok(Self {
            client: Client::open(url)?,
            hints,
            shared: Arc::new(Shared {
                wanted: Mutex::default(),
                changes,
                is_publishing: AtomicBool::new(false),
                is_subscribed: AtomicBool::new(false),
                dropped: AtomicU64::new(0),
            }),
            starting: Mutex::new(Some(Starting {
                hints: waiting,
                changes: changed,
            })),
            supervisor: supervisor.clone(),
            node,
        })
    }
}

impl Shared {
    fn is_wanted(&self, room: &RoomName) -> bool {
        self.wanted.lock().contains_key(room)
    }

    fn unsubscribe(&self, room: &RoomName) {
        let mut wanted = self.wanted.lock();
        let Some(count) = wanted.get_mut(room) else {
            return;
        };
        *count -= 1;
        if *count == 0 {
            wanted.remove(room);
            // The task may have ended with the node.
            drop(self.changes.send(Change::Unsubscribe(room.clone())));
        }
    }
}

impl Bus for RedisBus {
    fn publish(&self, room: &RoomName, hint: &Hint) {
        let hint = Hint {
            node: self.node,
            ..hint.clone()
        };
        if self.hints.try_send((room.clone(), hint.encode())).is_err() {
            self.shared.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn subscribe(&self, room: &RoomName) -> Option<Subscription> {
        let mut wanted = self.shared.wanted.lock();
        let count = wanted.entry(room.clone()).or_default();
        *count += 1;
        if *count == 1 {
            let change = Change::Subscribe(room.clone());
            drop(self.shared.changes.send(change));
        }
        let shared = Arc::clone(&self.shared);
        Some(Subscription {
            room: room.clone(),
            end: Arc::new(move |room| shared.unsubscribe(room)),
        })
    }

    fn start(&self, receiver: Receiver) {
        let Some(Starting { hints, changes }) = self.starting.lock().take() else {
            return;
        };
        let (client, shared) = (self.client.clone(), Arc::clone(&self.shared));
        self.supervisor.spawn("publishing on the bus", async move {
            publish_forever(&client, &shared, hints).await;
        });
        let (client, shared) = (self.client.clone(), Arc::clone(&self.shared));
        let node = self.node;
        self.supervisor.spawn("listening to the bus", async move {
            let mut subscriber = Subscriber {
                shared,
                changes,
                receiver,
                node,
                is_bad_told: false,
            };
            subscriber.listen_forever(&client).await;
        });
    }

    fn dropped(&self) -> u64 {
        self.shared.dropped.load(Ordering::Relaxed)
    }

    fn is_connected(&self) -> bool {
        let shared = &self.shared;
        shared.is_publishing.load(Ordering::Acquire) && shared.is_subscribed.load(Ordering::Acquire)
    }
}

fn channel(room: &RoomName) -> String {
    format!("{PREFIX}{room}")
}

/// Reports a lost connection once, and that it is back.
struct Connection<'a> {
    what: &'static str,
    is_up: &'a AtomicBool,
    pause: Duration,
    is_told: bool,
}

impl<'a> Connection<'a> {
    fn new(what: &'static str, is_up: &'a AtomicBool) -> Self {
        Self {
            what,
            is_up,
            pause: PAUSE_MIN,
            is_told: false,
        }
    }

    fn up(&mut self) {
        self.is_up.store(true, Ordering::Release);
        self.pause = PAUSE_MIN;
        if std::mem::take(&mut self.is_told) {
            tracing::info!("Redis is back, for {}", self.what);
        }
    }

    async fn lost(&mut self, error: &RedisError) {
        self.is_up.store(false, Ordering::Release);
        if !std::mem::replace(&mut self.is_told, true) {
            tracing::warn!(
                %error,
                "Redis cannot be used for {}; messages of other nodes are found in the store",
                self.what
            );
        }
        sleep(self.pause).await;
        self.pause = (self.pause * 2).min(PAUSE_MAX);
    }
}

async fn publish_forever(
    client: &Client,
    shared: &Shared,
    mut hints: mpsc::Receiver<(RoomName, Vec<u8>)>,
) {
    let mut connection = Connection::new("publishing", &shared.is_publishing);
    let mut waiting = Vec::new();
    loop {
        let mut redis = match client.get_multiplexed_async_connection().await {
            Ok(redis) => redis,
            Err(error) => {
                connection.lost(&error).await;
                // By the time Redis is back, they are found in the store.
                let mut old = waiting.len() as u64;
                waiting.clear();
                while hints.try_recv().is_ok() {
                    old += 1;
                }
                shared.dropped.fetch_add(old, Ordering::Relaxed);
                continue;
            }
        };
        connection.up();
        let error = loop {
            // After a connection was lost, what it was given last is told again.
            if waiting.is_empty() && hints.recv_many(&mut waiting, AT_ONCE).await == 0 {
                return;
            }
            let mut request = pipe();
            for (room, hint) in &waiting {
                request.publish(channel(room), hint.as_slice()).ignore();
            }
            match request.query_async::<()>(&mut redis).await {
                Ok(()) => waiting.clear(),
                Err(error) => break error,
            }
        };
        connection.lost(&error).await;
    }
}

struct Subscriber {
    shared: Arc<Shared>,
    changes: mpsc::UnboundedReceiver<Change>,
    receiver: Receiver,
    node: u64,
    is_bad_told: bool,
}

impl Subscriber {
    async fn listen_forever(&mut self, client: &Client) {
        let shared = Arc::clone(&self.shared);
        let mut connection = Connection::new("listening", &shared.is_subscribed);
        loop {
            let opened = timeout(ANSWER_MAX, client.get_async_pubsub()).await;
            let error = match opened {
                Ok(Ok(pubsub)) => {
                    let (sink, stream) = pubsub.split();
                    match self.listen(sink, stream, &mut connection).await {
                        Ok(()) => return,
                        Err(error) => error,
                    }
                }
                Ok(Err(error)) => error,
                Err(_) => late(),
            };
            connection.lost(&error).await;
        }
    }

    /// Until the connection is lost, or the bus is dropped.
    async fn listen(
        &mut self,
        mut sink: PubSubSink,
        mut stream: PubSubStream,
        connection: &mut Connection<'_>,
    ) -> Result<(), RedisError> {
        // What has changed before is in the whole list.
        while self.changes.try_recv().is_ok() {}
        let all: Vec<RoomName> = self.shared.wanted.lock().keys().cloned().collect();
        self.subscribe(&mut sink, &all).await?;
        connection.up();
        let mut changes = Vec::new();
        loop {
            tokio::select! {
                message = stream.next() => match message {
                    Some(message) => self.receive(&message),
                    None => return Err(ended()),
                },
                count = self.changes.recv_many(&mut changes, AT_ONCE) => {
                    if count == 0 {
                        return Ok(());
                    }
                    self.apply(&mut sink, &mut changes).await?;
                },
                () = sleep(SILENT_MAX) => {
                    let answered = timeout(ANSWER_MAX, sink.ping::<redis::Value>()).await;
                    answered.map_err(|_| late())??;
                },
            }
        }
    }

    async fn subscribe(&self, sink: &mut PubSubSink, rooms: &[RoomName]) -> Result<(), RedisError> {
        for some in rooms.chunks(AT_ONCE) {
            let channels: Vec<String> = some.iter().map(channel).collect();
            let done = timeout(ANSWER_MAX, sink.subscribe(channels)).await;
            done.map_err(|_| late())??;
        }
        if !rooms.is_empty() {
            (self.receiver)(Received::Subscribed(rooms.to_vec()));
        }
        Ok(())
    }

    /// Brings the subscriptions to what is wanted now: a room may have come and gone several times.
    async fn apply(
        &self,
        sink: &mut PubSubSink,
        changes: &mut Vec<Change>,
    ) -> Result<(), RedisError> {
        let (mut come, mut gone) = (Vec::new(), Vec::new());
        for change in changes.drain(..) {
            let (Change::Subscribe(room) | Change::Unsubscribe(room)) = change;
            match self.shared.is_wanted(&room) {
                true => come.push(room),
                false => gone.push(channel(&room)),
            }
        }
        if !gone.is_empty() {
            let done = timeout(ANSWER_MAX, sink.unsubscribe(gone)).await;
            done.map_err(|_| late())??;
        }
        self.subscribe(sink, &come).await
    }

    fn receive(&mut self, message: &redis::Msg) {
        let room = message.get_channel_name().strip_prefix(PREFIX);
        let Some(room) = room.and_then(|room| room.parse().ok()) else {
            return;
        };
        match Hint::decode(Bytes::copy_from_slice(message.get_payload_bytes())) {
            Ok(hint) if hint.node == self.node => {}
            Ok(hint) => (self.receiver)(Received::Hint(room, hint)),
            Err(error) => {
                // During an upgrade each hint of newer nodes is one.
                let is_new = !std::mem::replace(&mut self.is_bad_told, true);
                if is_new && error == HintError::Damaged {
                    tracing::warn!(%error, %room, "somebody else writes to the bus; such hints are ignored");
                }
            }
        }
    }
}

fn late() -> RedisError {
    (redis::ErrorKind::Io, "Redis does not answer").into()
}

fn ended() -> RedisError {
    (redis::ErrorKind::Io, "Redis has closed the connection").into()
}
