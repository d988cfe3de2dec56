//! The outcome of something that was sent.

use crate::error::SendError;
use crate::shared::{Shared, stop_reason};
use common::ids::Seq;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::sync::{oneshot, watch};

/// A message or change that is on the server's disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stored {
    /// Its place in the room's log; `None` for a change that had nothing to change.
    pub seq: Option<Seq>,
}

/// A message or change on its way. It is taken before this is given out, and is sent also when this
/// is dropped; to await it tells what became of it. While the server cannot be reached that takes as
/// long as the client needs to come back.
#[derive(Debug)]
pub struct Sending {
    outcome: Outcome,
    shared: watch::Receiver<Shared>,
}

#[derive(Debug)]
enum Outcome {
    Refused(Option<SendError>),
    Awaited(oneshot::Receiver<Result<Stored, SendError>>),
}

impl Sending {
    pub(crate) fn new(
        reply: oneshot::Receiver<Result<Stored, SendError>>,
        shared: watch::Receiver<Shared>,
    ) -> Self {
        Self {
            outcome: Outcome::Awaited(reply),
            shared,
        }
    }

    /// One that was not taken.
    pub(crate) fn refused(error: SendError, shared: watch::Receiver<Shared>) -> Self {
        Self {
            outcome: Outcome::Refused(Some(error)),
            shared,
        }
    }
}

impl Future for Sending {
    type Output = Result<Stored, SendError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let outcome = match &mut self.outcome {
            Outcome::Refused(error) => {
                let error = error.take().unwrap_or(SendError::Empty);
                return Poll::Ready(Err(error));
            }
            Outcome::Awaited(reply) => std::task::ready!(Pin::new(reply).poll(context)),
        };
        let ended = || Err(SendError::Stopped(stop_reason(&self.shared)));
        Poll::Ready(outcome.unwrap_or_else(|_| ended()))
    }
}
