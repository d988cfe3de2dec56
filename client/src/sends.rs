//! Sends whose outcome somebody awaits.

use crate::error::{SendError, StopReason};
use crate::options::OnRefused;
use crate::order::Reply;
use crate::sending::Stored;
use common::client::OutboxEntry;
use common::ids::{RequestId, Seq};
use std::collections::HashMap;

/// A send that the core is being told of: it has no id yet.
struct Unnamed {
    reply: Reply,
    /// Where the core has nothing to do for it, all is as it was wanted.
    is_reaction: bool,
}

/// See the module.
pub(crate) struct Sends {
    unnamed: Option<Unnamed>,
    waiting: HashMap<RequestId, Reply>,
    on_refused: Option<OnRefused>,
}

impl Sends {
    pub(crate) fn new(on_refused: Option<OnRefused>) -> Self {
        Self {
            unnamed: None,
            waiting: HashMap::new(),
            on_refused,
        }
    }

    /// The core is about to be told.
    pub(crate) fn begin(&mut self, reply: Reply, is_reaction: bool) {
        self.unnamed = Some(Unnamed { reply, is_reaction });
    }

    /// The core has taken it, under this id.
    pub(crate) fn taken(&mut self, id: RequestId) {
        if let Some(Unnamed { reply, .. }) = self.unnamed.take() {
            self.waiting.insert(id, reply);
        }
    }

    /// The core has not taken it: too much is unsent.
    pub(crate) fn rejected(&mut self) {
        if let Some(Unnamed { reply, .. }) = self.unnamed.take() {
            let _ = reply.send(Err(SendError::OutboxFull));
        }
    }

    /// The core has been told. If it had nothing to do, a reaction is as wanted, and another change
    /// is not this user's.
    pub(crate) fn told(&mut self) {
        if let Some(Unnamed { reply, is_reaction }) = self.unnamed.take() {
            let _ = reply.send(match is_reaction {
                true => Ok(Stored { seq: None }),
                false => Err(SendError::NoSuchMessage),
            });
        }
    }

    pub(crate) fn stored(&mut self, id: &RequestId, seq: Option<Seq>) {
        if let Some(reply) = self.waiting.remove(id) {
            let _ = reply.send(Ok(Stored { seq }));
        }
    }

    /// The server refuses it for good. Somebody is told: who waits for it, or else the program.
    pub(crate) fn refused(&mut self, entry: &OutboxEntry) {
        let Some(error) = entry.refused.clone() else {
            return;
        };
        let reply = self.waiting.remove(&entry.id);
        let told = reply.map(|reply| reply.send(Err(SendError::Refused(error))));
        if matches!(told, Some(Ok(()))) {
            return;
        }
        match &self.on_refused {
            Some(told) => told(entry),
            None => {
                let why = entry.refused.as_ref().map(|error| error.message.as_str());
                tracing::warn!(room = %entry.room, id = %entry.id, why, "the server has refused a send");
            }
        }
    }

    /// The client ends.
    pub(crate) fn end(&mut self, reason: &StopReason) {
        for (_, reply) in self.waiting.drain() {
            let _ = reply.send(Err(SendError::Stopped(reason.clone())));
        }
    }
}
