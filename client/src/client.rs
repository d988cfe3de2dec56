//! A client: the handle to the task that keeps the connection.

use crate::clock::Clock;
use crate::error::{FollowError, StartError, StopReason, Unsent};
use crate::event::Start;
use crate::events::Events;
use crate::handler::ClientHandler;
use crate::options::Options;
use crate::order::{Order, Orders};
use crate::outbox::OutboxFile;
use crate::room::Room;
use crate::shared::{Shared, stop_reason};
use crate::shell::Shell;
use crate::status::Status;
use common::client::Client as Core;
use common::text::RoomName;
use common::user::User;
use std::time::Duration;
use tokio::sync::mpsc::unbounded_channel;
use tokio::sync::{oneshot, watch};
use tokio::time::timeout;

/// A connection to a server that is made again whenever it is lost. Cheap to clone.
///
/// When the last handle is dropped ([`Client`], [`Room`], [`Events`]), the connection ends at once;
/// [`shutdown`](Self::shutdown) first sends what is unsent.
#[derive(Debug, Clone)]
pub struct Client {
    orders: Orders,
    shared: watch::Receiver<Shared>,
}

impl Client {
    /// Starts a client, and returns before it is connected. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// See [`StartError`].
    pub fn start(options: Options) -> Result<Self, StartError> {
        let outbox = options
            .outbox
            .as_deref()
            .map(OutboxFile::open)
            .transpose()?;
        let mut config = options.config.clone();
        let mut entries = Vec::new();
        if let Some(outbox) = &outbox {
            config.user = config.user.or_else(|| outbox.user().cloned());
            entries = outbox.entries();
        }
        let seed = getrandom::u64()?;
        let core = Core::restored(config, seed, entries);
        let (shared, watched) = watch::channel(Shared {
            status: Status::Connecting,
            user: None,
            unsent: core.unsent(),
        });
        let (orders, inbox) = unbounded_channel();
        let (clock, connector) = (Clock::start(), options.connector.clone());
        let orders = Orders::new(orders);
        let handler = ClientHandler::new(options, clock, orders.downgrade(), shared, outbox);
        let shell = Shell::with_connector(core, clock, handler, connector);
        tokio::spawn(shell.run(inbox));
        Ok(Self {
            orders,
            shared: watched,
        })
    }

    /// A room to write in.
    #[must_use]
    pub fn room(&self, name: &RoomName) -> Room {
        Room::new(name.clone(), self.orders.clone(), self.shared.clone())
    }

    /// Joins a room and follows it, until the [`Events`] are dropped. Returns when the server has let
    /// the user in, which takes as long as the server cannot be reached. The announcements are always
    /// followed from now on, whatever `start` says.
    ///
    /// # Errors
    /// See [`FollowError`].
    pub async fn follow(&self, room: &RoomName, start: Start) -> Result<Events, FollowError> {
        let (joined, answer) = oneshot::channel();
        let events = self.begin(room, start, Some(joined)).await?;
        match answer.await {
            Ok(Ok(())) => Ok(events),
            Ok(Err(error)) => Err(FollowError::Refused(error)),
            Err(_) => Err(FollowError::Stopped(stop_reason(&self.shared))),
        }
    }

    /// Follows the announcements to everyone, from now on. They are messages of the built-in room.
    /// Those that come while the queue is full are skipped, and an
    /// [`Event::Reset`](crate::Event::Reset) says so.
    ///
    /// # Errors
    /// See [`FollowError`].
    pub async fn follow_announcements(&self) -> Result<Events, FollowError> {
        self.begin(&RoomName::broadcast(), Start::Now, None).await
    }

    async fn begin(
        &self,
        room: &RoomName,
        start: Start,
        joined: Option<crate::follower::Joined>,
    ) -> Result<Events, FollowError> {
        let (reply, answer) = oneshot::channel();
        self.orders.give(Order::Follow {
            room: room.clone(),
            start,
            joined,
            reply,
        });
        let (queue, paused) = answer
            .await
            .map_err(|_| FollowError::Stopped(stop_reason(&self.shared)))??;
        let orders = self.orders.clone();
        Ok(Events::new(room.clone(), queue, paused, orders))
    }

    /// How the connection is.
    #[must_use]
    pub fn status(&self) -> Status {
        self.shared.borrow().status.clone()
    }

    /// Waits for another status than `known`, and returns it.
    pub async fn status_change(&self, known: &Status) -> Status {
        let mut shared = self.shared.clone();
        let changed = shared.wait_for(|shared| shared.status != *known).await;
        match changed {
            Ok(shared) => shared.status.clone(),
            Err(_) => Status::Stopped(stop_reason(&self.shared)),
        }
    }

    /// Waits until the client has ended, and says why.
    pub async fn stopped(&self) -> StopReason {
        let mut shared = self.shared.clone();
        let _ = shared
            .wait_for(|shared| matches!(shared.status, Status::Stopped(_)))
            .await;
        stop_reason(&self.shared)
    }

    /// Whom the server takes this client for; `None` before the first connection.
    #[must_use]
    pub fn user(&self) -> Option<User> {
        self.shared.borrow().user.clone()
    }

    /// Messages and changes that are not on the server's disk yet.
    #[must_use]
    pub fn unsent(&self) -> usize {
        self.orders.queued() + self.shared.borrow().unsent
    }

    /// Sends what is unsent, for at most this long, says goodbye to the server and ends. What is left
    /// stays in the outbox on disk, where there is one.
    ///
    /// # Errors
    /// If not everything was sent in time.
    pub async fn shutdown(self, within: Duration) -> Result<(), Unsent> {
        self.orders.give(Order::Finish);
        if timeout(within, self.stopped()).await.is_err() {
            self.orders.give(Order::Stop);
            self.stopped().await;
        }
        // The task has said that it ends; it is gone when it has closed the connection.
        self.orders.closed().await;
        match self.unsent() {
            0 => Ok(()),
            count => Err(Unsent { count }),
        }
    }
}
