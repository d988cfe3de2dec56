//! The connection that is subscribed to the rooms of this node.

use super::connection::{ALIVE_EVERY, ANSWER_MAX, AT_ONCE, Connection, ended, late};
use super::{Change, Shared};
use crate::bus::presence::KIND as PRESENCE;
use crate::bus::read_hint::KIND as READ;
use crate::bus::{
    Hint, HintError, NODE_SILENT_MAX, NodeMessage, PresenceHint, ReadHint, Received, Receiver,
};
use crate::redis_server::RedisServer;
use bytes::Bytes;
use common::text::RoomName;
use futures_util::StreamExt as _;
use redis::RedisError;
use redis::aio::{PubSubSink, PubSubStream};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

/// A connection to Redis that says nothing for so long is asked whether it is there.
const SILENT_MAX: Duration = Duration::from_secs(5);

/// See the module.
pub(super) struct Subscriber {
    pub(super) shared: Arc<Shared>,
    pub(super) changes: mpsc::UnboundedReceiver<Change>,
    pub(super) receiver: Arc<Receiver>,
    pub(super) node: u64,
    pub(super) is_bad_told: bool,
    /// When each of the other nodes was last heard.
    pub(super) heard: HashMap<u64, Instant>,
}

impl Subscriber {
    pub(super) async fn listen_forever(&mut self, server: &RedisServer) {
        let shared = Arc::clone(&self.shared);
        let mut connection = Connection::new("listening", &shared.is_subscribed);
        loop {
            let opening = async { server.client().await?.get_async_pubsub().await };
            let opened = timeout(ANSWER_MAX, opening).await;
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
        let done = timeout(ANSWER_MAX, sink.subscribe(&self.shared.channels.nodes)).await;
        done.map_err(|_| late())??;
        self.subscribe(&mut sink, &self.shared.wanted()).await?;
        connection.up();
        // While nothing could be heard, nobody was silent.
        let now = Instant::now();
        self.heard.values_mut().for_each(|heard| *heard = now);
        let mut rounds = interval(ALIVE_EVERY);
        rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut last_heard = now;
        let mut changes = Vec::new();
        loop {
            tokio::select! {
                message = stream.next() => match message {
                    Some(message) => {
                        last_heard = Instant::now();
                        self.receive(&message);
                    }
                    None => return Err(ended()),
                },
                count = self.changes.recv_many(&mut changes, AT_ONCE) => {
                    if count == 0 {
                        return Ok(());
                    }
                    self.apply(&mut sink, &mut changes).await?;
                },
                _ = rounds.tick() => {
                    if last_heard.elapsed() >= SILENT_MAX {
                        let answered = timeout(ANSWER_MAX, sink.ping::<redis::Value>()).await;
                        answered.map_err(|_| late())??;
                    }
                    self.forget_silent_nodes();
                },
            }
        }
    }

    async fn subscribe(&self, sink: &mut PubSubSink, rooms: &[RoomName]) -> Result<(), RedisError> {
        for some in rooms.chunks(AT_ONCE) {
            let channels: Vec<String> = some
                .iter()
                .map(|room| self.shared.channels.of(room))
                .collect();
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
                false => gone.push(self.shared.channels.of(&room)),
            }
        }
        if !gone.is_empty() {
            let done = timeout(ANSWER_MAX, sink.unsubscribe(gone)).await;
            done.map_err(|_| late())??;
        }
        self.subscribe(sink, &come).await
    }

    fn forget_silent_nodes(&mut self) {
        let is_silent = |heard: &Instant| heard.elapsed() >= NODE_SILENT_MAX;
        let silent = self.heard.iter().filter(|(_, heard)| is_silent(heard));
        let silent: Vec<u64> = silent.map(|(node, _)| *node).collect();
        for node in silent {
            self.heard.remove(&node);
            (self.receiver)(Received::NodeGone(node));
        }
    }

    fn receive(&mut self, message: &redis::Msg) {
        let bytes = Bytes::copy_from_slice(message.get_payload_bytes());
        let (channels, channel) = (&self.shared.channels, message.get_channel_name());
        let received = match channels.room(channel) {
            Some(room) => decode(room, bytes),
            None if channel == channels.nodes => decode_node_message(bytes),
            None => return,
        };
        match received {
            Ok((node, _)) if node == self.node => {}
            Ok((node, received)) => {
                self.heard.insert(node, Instant::now());
                (self.receiver)(received);
            }
            Err(error) => {
                // During an upgrade each hint of newer nodes is one.
                let is_new = !std::mem::replace(&mut self.is_bad_told, true);
                if is_new && error == HintError::Damaged {
                    tracing::warn!(%error, "somebody else writes to the bus; such hints are ignored");
                }
            }
        }
    }
}

type Decoded = Result<(u64, Received), HintError>;

fn decode_node_message(bytes: Bytes) -> Decoded {
    let (node, message) = NodeMessage::decode(bytes)?;
    let received = match message {
        // What is known of it may be too much by now.
        NodeMessage::Incomplete => Received::NodeGone(node),
        message => Received::Node(node, message),
    };
    Ok((node, received))
}

fn decode(room: RoomName, bytes: Bytes) -> Decoded {
    match bytes.first() {
        Some(&PRESENCE) => {
            let (node, hint) = PresenceHint::decode(bytes.slice(1..))?;
            Ok((node, Received::Presence(room, node, hint)))
        }
        Some(&READ) => {
            let (node, hint) = ReadHint::decode(bytes.slice(1..))?;
            Ok((node, Received::Read(room, hint)))
        }
        _ => {
            let hint = Hint::decode(bytes)?;
            Ok((hint.node, Received::Hint(room, hint)))
        }
    }
}
