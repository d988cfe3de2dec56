//! Read-only views for the page and for programs.

use super::join_state::RoomStatus;
use super::message_view::{Changes, MessageView, target_in_view};
use super::online_users::OnlineUsers;
use super::pending_send::PendingSend;
use super::room::Room;
use super::send_queue::SendQueue;
use crate::event::MessagePosted;
use crate::ids::{Epoch, Seq, UserId};
use crate::room::RoomSettings;
use crate::text::RoomName;
use std::sync::Arc;

/// One room, to be drawn.
#[derive(Debug, Clone, Copy)]
pub struct RoomView<'a> {
    pub(super) name: &'a RoomName,
    pub(super) room: &'a Room,
    pub(super) queue: Option<&'a SendQueue>,
    pub(super) me: Option<&'a UserId>,
}

impl<'a> RoomView<'a> {
    /// Which room.
    #[must_use]
    pub fn name(&self) -> &'a RoomName {
        self.name
    }

    /// How the room stands.
    #[must_use]
    pub fn state(&self) -> &'a RoomStatus {
        self.room.join_state.state()
    }

    /// How far this view goes: the log it is a copy of, and the last event of it that is folded in.
    /// None before the room is joined for the first time.
    #[must_use]
    pub fn log_position(&self) -> Option<(&'a Epoch, Seq)> {
        let timeline = &self.room.timeline;
        Some((timeline.epoch()?, timeline.last()))
    }

    /// The messages in view, by seq, without gap or repeat, as the log has them. `Arc`s: to clone
    /// them costs nothing. To draw them take [`message_views`](Self::message_views).
    #[must_use]
    pub fn messages(
        &self,
    ) -> impl DoubleEndedIterator<Item = &'a Arc<MessagePosted>> + ExactSizeIterator + use<'a> {
        self.room.timeline.messages().iter()
    }

    /// The messages in view as they are to be drawn, by seq: each with the user's own changes that
    /// are on their way folded in. From the command on, a change shows without a break: it is on
    /// its way, or in the timeline.
    #[must_use]
    pub fn message_views(
        &self,
    ) -> impl DoubleEndedIterator<Item = MessageView<'a>> + ExactSizeIterator + use<'a> {
        let (changes, me) = (Changes::new(&self.room.timeline, self.queue), self.me);
        self.messages()
            .map(move |message| changes.show(message, me))
    }

    /// One message in view as it is to be drawn.
    #[must_use]
    pub fn message_view(&self, seq: Seq) -> Option<MessageView<'a>> {
        let message = self.room.timeline.message(seq)?;
        Some(Changes::new(&self.room.timeline, self.queue).show(message, self.me))
    }

    /// Refused changes of messages that are not in view: scrolled away, or of another log. What is
    /// refused of messages in view is with [these](MessageView::refused), and not here; so nothing waits
    /// unseen for the user's `Retry` or `Discard`.
    #[must_use]
    pub fn refused_changes(&self) -> impl DoubleEndedIterator<Item = &'a PendingSend> + use<'a> {
        let room = self.room;
        self.sends().filter(move |send| {
            let is_change = !send.action().is_message() && send.refused().is_some();
            is_change && target_in_view(&room.timeline, send).is_none()
        })
    }

    fn sends(&self) -> impl DoubleEndedIterator<Item = &'a PendingSend> + use<'a> {
        self.queue.into_iter().flat_map(SendQueue::sends)
    }

    /// The user's own messages that are not among [`messages`](Self::messages) yet, in the order
    /// in which they were sent; to be drawn below those. A message is in one of the two lists at
    /// any time, never in both and never in neither.
    #[must_use]
    pub fn pending(
        &self,
    ) -> impl DoubleEndedIterator<Item = &'a PendingSend> + ExactSizeIterator + use<'a> {
        let messages = self.sends().filter(|send| send.action().is_message());
        messages.collect::<Vec<_>>().into_iter()
    }

    /// Who is here. While the room is not live: who was here when it last was.
    #[must_use]
    pub fn presence(&self) -> &'a OnlineUsers {
        &self.room.presence
    }

    /// What holds here, and what the user may do, as the server said it last; none where it is a
    /// [plain](crate::room::RoomSettings::default_for) room, and before it is joined.
    #[must_use]
    pub fn settings(&self) -> Option<&'a RoomSettings> {
        self.room.settings.as_deref()
    }

    /// Whether there are messages before the oldest one in view that `LoadOlder` would bring.
    #[must_use]
    pub fn has_older(&self) -> bool {
        self.room.timeline.has_older()
    }

    /// Whether older messages are on their way.
    #[must_use]
    pub fn is_loading_older(&self) -> bool {
        self.room.is_loading_older()
    }

    /// Messages of others behind the user's read marker, as far as they are in view. The marker
    /// moves with [`MarkSeen`](super::Command::MarkSeen), here or on another device; where there
    /// was none, it begins where the log ended when the room was opened.
    #[must_use]
    pub fn unread(&self) -> usize {
        let unseen = self
            .messages()
            .rev()
            .take_while(|message| message.seq > self.room.marker.seen());
        unseen
            .filter(|message| Some(&message.user) != self.me)
            .count()
    }
}
