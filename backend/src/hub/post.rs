//! An event to be posted, and who receives the outcome.

use crate::room::SendOrigin;
use crate::store::{NewEvent, Placed};
use common::ErrorFrame;
use common::ids::RequestId;
use std::sync::Arc;
use tokio::sync::oneshot;

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
    Connection(Arc<dyn SendOrigin>),
    /// Somebody who waits for the answer.
    Caller(oneshot::Sender<Result<Placed, ErrorFrame>>),
}

impl Origin {
    pub(super) fn complete(self, id: Option<&RequestId>, outcome: Result<&Placed, &ErrorFrame>) {
        match self {
            Self::Connection(recipient) => recipient.completed(id, outcome),
            Self::Caller(caller) => {
                // The caller may have given up waiting; the event is stored all the same.
                drop(caller.send(outcome.cloned().map_err(Clone::clone)));
            }
        }
    }
}

/// The queue before the committer is full, or closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the node has more messages to store than it can take")]
pub struct Overloaded;
