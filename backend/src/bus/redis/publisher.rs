//! The connection that publishes.

use super::connection::{ALIVE_EVERY, AT_ONCE, Connection};
use super::{Shared, Waiting};
use crate::bus::{NodeMessage, Received, Receiver};
use crate::redis_server::RedisServer;
use redis::aio::MultiplexedConnection;
use redis::{RedisError, pipe};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval};

/// See the module.
pub(super) struct Publisher {
    pub(super) shared: Arc<Shared>,
    pub(super) hints: mpsc::Receiver<Waiting>,
    /// What was taken and is not told yet.
    pub(super) waiting: Vec<Waiting>,
    pub(super) receiver: Arc<Receiver>,
    pub(super) node: u64,
    /// How many were dropped when the others were last told everything.
    pub(super) told_dropped: u64,
}

impl Publisher {
    pub(super) async fn publish_forever(&mut self, server: &RedisServer) {
        let shared = Arc::clone(&self.shared);
        let mut connection = Connection::new("publishing", &shared.is_publishing);
        let mut is_first = true;
        loop {
            let connected = async {
                let client = server.client().await?;
                client.get_multiplexed_async_connection().await
            };
            let mut redis = match connected.await {
                Ok(redis) => redis,
                Err(error) => {
                    self.drop_old();
                    connection.lost(&error).await;
                    continue;
                }
            };
            connection.up();
            let error = match self.publish(&mut redis, is_first).await {
                Ok(()) => return,
                Err(error) => error,
            };
            is_first = false;
            connection.lost(&error).await;
        }
    }

    /// By the time Redis is back, what waits is found in the store.
    fn drop_old(&mut self) {
        let mut old = self.waiting.len() as u64;
        self.waiting.clear();
        while self.hints.try_recv().is_ok() {
            old += 1;
        }
        self.shared.dropped.fetch_add(old, Ordering::Relaxed);
    }

    /// Until the connection is lost, or the bus is dropped.
    async fn publish(
        &mut self,
        redis: &mut MultiplexedConnection,
        is_first: bool,
    ) -> Result<(), RedisError> {
        let mut alive = interval(ALIVE_EVERY);
        alive.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut is_incomplete = !is_first;
        loop {
            let mut request = pipe();
            for (room, message) in &self.waiting {
                let channel = self.shared.channels.to(room.as_ref());
                request.publish(channel, message.as_slice()).ignore();
            }
            if !self.waiting.is_empty() {
                // After a connection was lost, what it was given last is told again.
                request.query_async::<()>(redis).await?;
                self.waiting.clear();
            }
            tokio::select! {
                count = self.hints.recv_many(&mut self.waiting, AT_ONCE) => {
                    if count == 0 {
                        return Ok(());
                    }
                }
                _ = alive.tick() => {
                    let dropped = self.shared.dropped.load(Ordering::Relaxed);
                    is_incomplete |= dropped != self.told_dropped;
                    self.say_alive(redis, is_incomplete).await?;
                    if std::mem::take(&mut is_incomplete) {
                        self.told_dropped = dropped;
                        // So that everything is told again.
                        (self.receiver)(Received::Subscribed(self.shared.wanted()));
                    }
                }
            }
        }
    }

    async fn say_alive(
        &self,
        redis: &mut MultiplexedConnection,
        is_incomplete: bool,
    ) -> Result<(), RedisError> {
        let message = match is_incomplete {
            true => NodeMessage::Incomplete,
            false => NodeMessage::Alive,
        };
        let mut request = pipe();
        let nodes = &self.shared.channels.nodes;
        request.publish(nodes, message.encode(self.node)).ignore();
        request.query_async::<()>(redis).await
    }
}
