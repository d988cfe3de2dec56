//! A message as it is displayed: the log's content with the user's own pending changes applied.

use super::pending_send::PendingSend;
use super::send_queue::SendQueue;
use super::timeline::Timeline;
use crate::error::ErrorFrame;
use crate::event::MessagePosted;
use crate::ids::{Seq, UserId};
use std::sync::Arc;

/// A message of a timeline as its reader is to see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageView<'a> {
    /// The message, with the user's own changes folded in, save the refused ones. Where none is
    /// pending, it is the timeline's own `Arc`.
    ///
    /// When a pending edit will have been made is not known: until then `edited_at` is the time of
    /// the edit before it, or the message's own.
    pub message: Arc<MessagePosted>,
    /// The user's own changes of it that are not in the timeline yet, in the order in which they
    /// were made, the refused ones among them.
    pub changes: Vec<&'a PendingSend>,
}

impl<'a> MessageView<'a> {
    /// The last change that is folded in and not in the timeline yet.
    #[must_use]
    pub fn pending(&self) -> Option<&'a PendingSend> {
        let folded = |send: &&&PendingSend| send.refused().is_none();
        self.changes.iter().rev().find(folded).copied()
    }

    /// The changes that the server will not have, each with its reason: retry or discard.
    pub fn refused(&self) -> impl Iterator<Item = (&'a PendingSend, &'a ErrorFrame)> {
        let refused = |send: &&'a PendingSend| send.refused().map(|error| (*send, error));
        self.changes.iter().filter_map(refused)
    }
}

/// The changes of a queue, by the message in view that they change.
#[derive(Debug, Clone, Default)]
pub(super) struct Changes<'a>(Vec<(Seq, &'a PendingSend)>);

impl<'a> Changes<'a> {
    pub(super) fn new(timeline: &Timeline, queue: Option<&'a SendQueue>) -> Self {
        let sends = queue.into_iter().flat_map(SendQueue::sends);
        let in_view = |send| Some((target_in_view(timeline, send)?, send));
        Self(sends.filter_map(in_view).collect())
    }

    pub(super) fn show(
        &self,
        message: &Arc<MessagePosted>,
        me: Option<&UserId>,
    ) -> MessageView<'a> {
        // Few at a time: a map would take longer to make.
        let changes = self.0.iter().filter(|(target, _)| *target == message.seq);
        let changes: Vec<&PendingSend> = changes.map(|(_, change)| *change).collect();
        let mut message = Arc::clone(message);
        for change in changes.iter().filter(|change| change.refused().is_none()) {
            if let Some(me) = me {
                change.action().fold(Arc::make_mut(&mut message), me);
            }
        }
        MessageView { message, changes }
    }
}

/// The message in view that a send changes. In another log than the one it was made in, the
/// message with its target's seq is not its target.
pub(super) fn target_in_view(timeline: &Timeline, send: &PendingSend) -> Option<Seq> {
    let (epoch, target) = send.action().target()?;
    let in_view = timeline.epoch() == Some(epoch) && timeline.message(target).is_some();
    in_view.then_some(target)
}
