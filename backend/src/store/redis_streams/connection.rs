//! The connection, made anew where it was lost, and the names of keys.

use crate::redis_server::RedisServer;
use crate::store::StoreError;
use common::ids::UserId;
use common::text::RoomName;
use redis::aio::MultiplexedConnection;
use redis::{Cmd, FromRedisValue, Pipeline, RedisError};
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::timeout;

/// How long a request may take, and a connection to be made.
const ANSWER_MAX: Duration = Duration::from_secs(3);

/// See the module.
pub(super) struct Redis {
    server: RedisServer,
    connection: Mutex<Option<MultiplexedConnection>>,
    prefix: String,
}

impl Redis {
    pub(super) fn new(url: &str, prefix: &str) -> Result<Self, RedisError> {
        Ok(Self {
            server: RedisServer::new(url)?,
            connection: Mutex::default(),
            prefix: prefix.to_owned(),
        })
    }

    async fn connection(&self) -> Result<MultiplexedConnection, StoreError> {
        let mut connection = self.connection.lock().await;
        if let Some(connection) = &*connection {
            return Ok(connection.clone());
        }
        let making = async {
            let client = self.server.client().await?;
            client.get_multiplexed_async_connection().await
        };
        let made = timeout(ANSWER_MAX, making).await;
        let made = made.map_err(|_| late())?.map_err(|error| failed(&error))?;
        Ok(connection.insert(made).clone())
    }

    /// What comes of a request. After a failure the next one makes a new connection.
    async fn answer<T>(
        &self,
        asked: impl Future<Output = Result<T, RedisError>>,
    ) -> Result<T, StoreError> {
        let error = match timeout(ANSWER_MAX, asked).await {
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(error)) => failed(&error),
            Err(_) => late(),
        };
        *self.connection.lock().await = None;
        Err(error)
    }

    pub(super) async fn query<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, StoreError> {
        let mut connection = self.connection().await?;
        self.answer(command.query_async(&mut connection)).await
    }

    pub(super) async fn query_all<T: FromRedisValue>(
        &self,
        commands: &Pipeline,
    ) -> Result<T, StoreError> {
        let mut connection = self.connection().await?;
        self.answer(commands.query_async(&mut connection)).await
    }

    /// Epoch, head, floor and time of a room's log.
    pub(super) fn log(&self, room: &RoomName) -> String {
        format!("{}:log:{room}", self.prefix)
    }

    /// Its stream.
    pub(super) fn events(&self, room: &RoomName) -> String {
        format!("{}:events:{room}", self.prefix)
    }

    /// What is left of the events whose content was erased.
    pub(super) fn erased(&self, room: &RoomName) -> String {
        format!("{}:erased:{room}", self.prefix)
    }

    /// All rooms, by when they were last written to.
    pub(super) fn rooms(&self) -> String {
        format!("{}:logs", self.prefix)
    }

    /// Where a user's sends are.
    pub(super) fn sent(&self, user: &UserId) -> String {
        format!("{}:sent:{user}", self.prefix)
    }
}

fn failed(error: &RedisError) -> StoreError {
    StoreError::Unavailable(format!("Redis: {error}").into())
}

fn late() -> StoreError {
    StoreError::Unavailable("Redis does not answer".into())
}
