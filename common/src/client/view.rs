//! What a view reads.

use super::lane::Lane;
use super::outbox::PendingSend;
use super::presence::Presence;
use super::room::Room;
use crate::error::ErrorFrame;
use crate::event::MessagePosted;
use crate::ids::UserId;
use crate::text::RoomName;
use std::collections::VecDeque;
use std::sync::Arc;

/// How a room stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoomState {
    /// Not joined at the moment; the core is at it. The messages shown are those known so far.
    Joining,
    /// Joined: what happens shows at once.
    Live,
    /// The server will not let this client in. `OpenRoom` tries again, and so does the next
    /// connection.
    Refused(ErrorFrame),
}

/// One room, to be drawn.
#[derive(Debug, Clone, Copy)]
pub struct RoomView<'a> {
    pub(super) name: &'a RoomName,
    pub(super) room: &'a Room,
    pub(super) lane: Option<&'a Lane>,
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
    pub fn state(&self) -> &'a RoomState {
        self.room.membership.state()
    }

    /// The messages in view, by seq, without gap or repeat. `Arc`s: to clone them costs nothing.
    #[must_use]
    pub fn messages(
        &self,
    ) -> impl DoubleEndedIterator<Item = &'a Arc<MessagePosted>> + ExactSizeIterator + use<'a> {
        self.room.timeline.messages().iter()
    }

    /// The user's own messages that are not among [`messages`](Self::messages) yet, in the order
    /// in which they were sent; to be drawn below those. A message is in one of the two lists at
    /// any time, never in both and never in neither.
    #[must_use]
    pub fn pending(
        &self,
    ) -> impl DoubleEndedIterator<Item = &'a PendingSend> + ExactSizeIterator + use<'a> {
        const NOTHING: &VecDeque<PendingSend> = &VecDeque::new();
        self.lane.map_or(NOTHING, Lane::sends).iter()
    }

    /// Who is here. While the room is not live: who was here when it last was.
    #[must_use]
    pub fn presence(&self) -> &'a Presence {
        &self.room.presence
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

    /// Messages of others that came since the room was opened or last
    /// [marked as seen](super::Command::MarkSeen), as far as they are in view.
    #[must_use]
    pub fn unread(&self) -> usize {
        let unseen = self
            .messages()
            .rev()
            .take_while(|message| message.seq > self.room.seen());
        unseen
            .filter(|message| Some(&message.user) != self.me)
            .count()
    }
}
