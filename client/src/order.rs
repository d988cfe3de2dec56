//! Requests from the handles to the client's task.

use crate::error::{FollowError, SendError};
use crate::event::{Event, Start};
use crate::follower::{Joined, Paused};
use crate::options::{FreshToken, RefreshError};
use crate::sending::Stored;
use common::client::{Command, RoomView};
use common::text::RoomName;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::mpsc::{Receiver, UnboundedSender, WeakUnboundedSender};
use tokio::sync::oneshot;

/// Told once what has become of a send.
pub(crate) type Reply = oneshot::Sender<Result<Stored, SendError>>;

/// Reads a room's view.
pub(crate) type ReadView = Box<dyn FnOnce(Option<RoomView<'_>>) + Send>;

/// Told whether a room can be followed, and with what.
pub(crate) type FollowReply = oneshot::Sender<Result<(Receiver<Event>, Paused), FollowError>>;

/// What the handles ask of the client's task.
pub(crate) enum Order {
    /// Counted in [`Orders::queued`].
    Send {
        command: Command,
        reply: Reply,
    },
    Command(Command),
    Follow {
        room: RoomName,
        start: Start,
        joined: Option<Joined>,
        reply: FollowReply,
    },
    Unfollow(RoomName),
    Resume(RoomName),
    View {
        room: RoomName,
        read: ReadView,
    },
    Refreshed(Result<FreshToken, RefreshError>),
    /// End as soon as everything is sent.
    Finish,
    /// End.
    Stop,
}

/// The way to the client's task. The task ends when the last one is dropped.
#[derive(Debug, Clone)]
pub(crate) struct Orders {
    sender: UnboundedSender<Order>,
    queued: Arc<AtomicUsize>,
}

impl Orders {
    pub(crate) fn new(sender: UnboundedSender<Order>) -> Self {
        Self {
            sender,
            queued: Arc::default(),
        }
    }

    /// Gives an order; it is dropped where the client has ended, and with it whom it was to tell.
    pub(crate) fn give(&self, order: Order) {
        let sends = usize::from(matches!(order, Order::Send { .. }));
        self.queued.fetch_add(sends, Ordering::SeqCst);
        if self.sender.send(order).is_err() {
            self.queued.fetch_sub(sends, Ordering::SeqCst);
        }
    }

    /// Sends that the client's task has not taken yet.
    pub(crate) fn queued(&self) -> usize {
        self.queued.load(Ordering::SeqCst)
    }

    /// Waits until the client's task is gone.
    pub(crate) async fn closed(&self) {
        self.sender.closed().await;
    }

    pub(crate) fn downgrade(&self) -> WeakOrders {
        WeakOrders {
            sender: self.sender.downgrade(),
            queued: Arc::clone(&self.queued),
        }
    }
}

/// The same, for the task itself: it does not keep it going.
#[derive(Debug, Clone)]
pub(crate) struct WeakOrders {
    sender: WeakUnboundedSender<Order>,
    queued: Arc<AtomicUsize>,
}

impl WeakOrders {
    /// Gives an order, if the client has a handle left.
    pub(crate) fn give(&self, order: Order) {
        if let Some(sender) = self.sender.upgrade() {
            let _ = sender.send(order);
        }
    }

    /// The task has taken this many sends, and says by now that they are unsent.
    pub(crate) fn taken(&self, sends: usize) {
        self.queued.fetch_sub(sends, Ordering::SeqCst);
    }
}
