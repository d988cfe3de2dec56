//! The committer: store first, then publish.
//!
//! One task takes what has been posted, as much as there is, appends it to the store as one batch,
//! and publishes it when the store says that it is on disk. While a batch is on its way to disk the
//! next one gathers, so a busy node shares each sync among many messages, and a lone message waits
//! for nobody.

use super::Registry;
use crate::room::encode::encode;
use crate::room::{Recipient, Room};
use crate::store::{Appended, EventStore, NewEvent, Placed, Refusal, StoreError};
use common::{ErrorCode, ErrorFrame};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

/// Events in one batch. Bounds the time of one transaction.
const BATCH_MAX: usize = 2048;

/// An event on its way to the store.
pub struct Post {
    /// The event.
    pub event: NewEvent,
    /// Who hears what became of it.
    pub origin: Origin,
}

/// Who posted an event.
pub enum Origin {
    /// A connection.
    Connection(Arc<dyn Recipient>),
    /// Somebody who waits for the answer.
    Caller(oneshot::Sender<Result<Placed, ErrorFrame>>),
}

/// The queue before the committer is full, or closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the node has more messages to store than it can take")]
pub struct Overloaded;

/// The handle to the task.
pub(super) struct Committer {
    posts: Mutex<Option<mpsc::Sender<Post>>>,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl Committer {
    pub(super) fn start(
        store: Arc<dyn EventStore>,
        registry: Arc<Registry>,
        posts_max: usize,
    ) -> Self {
        let (posts, inbox) = mpsc::channel(posts_max);
        let actor = CommitterActor {
            store,
            registry,
            inbox,
        };
        Self {
            posts: Mutex::new(Some(posts)),
            task: Mutex::new(Some(tokio::spawn(actor.run()))),
        }
    }

    pub(super) fn post(&self, post: Post) -> Result<(), Overloaded> {
        let posts = self.posts.lock();
        let posts = posts.as_ref().ok_or(Overloaded)?;
        posts.try_send(post).map_err(|_| Overloaded)
    }

    /// Takes nothing more, and waits until all that was taken is settled.
    pub(super) async fn close(&self) {
        drop(self.posts.lock().take());
        let task = self.task.lock().take();
        if let Some(task) = task
            && let Err(error) = task.await
        {
            tracing::error!(%error, "the committer ended badly");
        }
    }
}

struct CommitterActor {
    store: Arc<dyn EventStore>,
    registry: Arc<Registry>,
    inbox: mpsc::Receiver<Post>,
}

impl CommitterActor {
    async fn run(mut self) {
        let mut posts = Vec::new();
        while self.inbox.recv_many(&mut posts, BATCH_MAX).await > 0 {
            let (events, origins): (Vec<_>, Vec<_>) = posts
                .drain(..)
                .map(|post: Post| (post.event, post.origin))
                .unzip();
            let batch: Arc<[NewEvent]> = events.into();
            match self.store.append(Arc::clone(&batch)).await {
                Ok(answers) => self.publish(&batch, &answers, origins),
                Err(error) => refuse(&batch, &error, origins),
            }
        }
    }

    /// All of the batch goes into the tails before anybody is woken, so that a member reads as much
    /// as there is at once.
    fn publish(&self, batch: &[NewEvent], answers: &[Appended], origins: Vec<Origin>) {
        let mut rooms = HashMap::new();
        for (event, answer) in batch.iter().zip(answers) {
            if let Appended::Placed(at) = answer
                && !at.repeat
            {
                let room = rooms
                    .entry(&event.room)
                    .or_insert_with(|| self.registry.get(&event.room));
                if let Some(room) = room {
                    self.publish_one(room, event, at);
                }
            }
        }
        for room in rooms.into_values().flatten() {
            room.wake();
        }
        for ((event, answer), origin) in batch.iter().zip(answers).zip(origins) {
            match answer {
                Appended::Placed(at) => origin.settle(event, Ok(at)),
                Appended::Refused(refusal) => origin.settle(event, Err(&refused(*refusal, event))),
            }
        }
    }

    fn publish_one(&self, room: &Arc<Room>, event: &NewEvent, at: &Placed) {
        for gone in &at.erased {
            room.erase(gone.seq, encode(gone.event.clone(), gone.seq));
        }
        if !room.append(&at.epoch, at.seq, encode(event.clone(), at.seq)) {
            tracing::warn!(room = %room.name(), "the room's log has begun anew");
            self.registry.remove(room);
        }
    }
}

/// The answer to an event that the log does not take.
fn refused(refusal: Refusal, event: &NewEvent) -> ErrorFrame {
    let code = match refusal {
        Refusal::NoSuchMessage => ErrorCode::NoSuchMessage,
        Refusal::NotYours => ErrorCode::Forbidden,
        Refusal::NoSuchReaction => ErrorCode::NoSuchMessage,
        Refusal::TooManyReactions => ErrorCode::TooManyReactions,
        Refusal::TooManyChanges => ErrorCode::TooManyChanges,
        Refusal::IdReused => ErrorCode::IdReused,
        Refusal::TooManyLogs => ErrorCode::Overloaded,
    };
    ErrorFrame::new(code, refusal.to_string()).about(event.room.clone())
}

fn refuse(batch: &[NewEvent], error: &StoreError, origins: Vec<Origin>) {
    tracing::error!(%error, events = batch.len(), "a batch could not be stored");
    let frame = ErrorFrame::new(
        ErrorCode::StoreUnavailable,
        "the message could not be stored; try again",
    );
    for (event, origin) in batch.iter().zip(origins) {
        origin.settle(event, Err(&frame));
    }
}

impl Origin {
    fn settle(self, event: &NewEvent, outcome: Result<&Placed, &ErrorFrame>) {
        match self {
            Self::Connection(recipient) => recipient.settled(event.id.as_ref(), outcome),
            Self::Caller(caller) => {
                // The caller may have given up waiting; the event is stored all the same.
                drop(caller.send(outcome.cloned().map_err(Clone::clone)));
            }
        }
    }
}
