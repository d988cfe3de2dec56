//! The driver's end of [`Events`](crate::Events): a bounded queue, behind which the server's log
//! waits.
//!
//! A program that handles events more slowly than they come fills its queue. Then the client leaves
//! the room, and joins it again behind the last event in the queue as soon as the queue is empty:
//! memory stays bounded, the server keeps the rest in its log, and nothing is lost or repeated.

use crate::event::{Event, Position, Start};
use common::client::{Command, JoinFrom, OnlineUsers, RoomEvent};
use common::error::ErrorFrame;
use common::ids::{Epoch, Seq};
use common::room::RoomSettings;
use common::text::RoomName;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::sync::oneshot;

/// Says that the room was left because its queue was full. Whoever finds it set and the queue empty
/// has to see to it that the room is joined again.
#[derive(Debug, Clone, Default)]
pub(crate) struct Paused(Arc<AtomicBool>);

impl Paused {
    /// Whether it was set; it is not afterwards.
    pub(crate) fn take(&self) -> bool {
        self.0.swap(false, Ordering::SeqCst)
    }

    fn set(&self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Told once whether the room was joined.
pub(crate) type Joined = oneshot::Sender<Result<(), ErrorFrame>>;

/// See the module.
pub(crate) struct Follower {
    room: RoomName,
    queue: Sender<Event>,
    paused: Paused,
    /// The room was left, and is joined again when the queue is empty.
    is_paused: bool,
    /// The last event in the queue, or where the first one follows.
    position: Option<Position>,
    /// Events were skipped for want of room: only of the announcements, which cannot be left.
    has_skipped: bool,
    joined: Option<Joined>,
    /// As they were last told.
    presence: OnlineUsers,
    settings: Option<RoomSettings>,
}

impl Follower {
    /// A queue of this many events, and what its reader needs.
    pub(crate) fn new(
        room: RoomName,
        capacity: usize,
        position: Option<Position>,
        joined: Option<Joined>,
    ) -> (Self, Receiver<Event>, Paused) {
        let (queue, events) = channel(capacity.max(2));
        let paused = Paused::default();
        let follower = Self {
            room,
            queue,
            paused: paused.clone(),
            is_paused: false,
            position,
            has_skipped: false,
            joined,
            presence: OnlineUsers::default(),
            settings: None,
        };
        (follower, events, paused)
    }

    /// The room was joined, or the server refuses to let the user in.
    pub(crate) fn answered(&mut self, answer: Result<(), ErrorFrame>) -> Option<Command> {
        match (self.joined.take(), answer) {
            (Some(joined), answer) => {
                // Nobody waits any more: the reader's end is dropped, and the room closed, too.
                let _ = joined.send(answer);
                None
            }
            (None, Err(error)) => self.push(Event::Removed(error)),
            (None, Ok(())) => None,
        }
    }

    /// An event of the log. What it gives is a command for the core.
    pub(crate) fn event(&mut self, seq: Seq, event: RoomEvent) -> Option<Command> {
        let epoch = self.position.as_ref()?.epoch.clone();
        let position = Position { epoch, seq };
        let event = match event {
            RoomEvent::Message(message) => Event::Message { position, message },
            RoomEvent::Edit(edit) => Event::Edited { position, edit },
            RoomEvent::Deletion(deletion) => Event::Deleted { position, deletion },
            RoomEvent::Reaction(reaction) => Event::Reacted { position, reaction },
            RoomEvent::Unknown => {
                self.position = Some(position);
                return None;
            }
        };
        self.push(event)
    }

    /// The events that follow begin behind this place.
    pub(crate) fn cursor(&mut self, epoch: Epoch, after: Seq) -> Option<Command> {
        let position = Position { epoch, seq: after };
        if self.position.as_ref() == Some(&position) || self.is_paused {
            return None;
        }
        if self.position.is_none() {
            self.position = Some(position);
            return None;
        }
        self.push(Event::Reset { position })
    }

    /// Who is online, as far as the core knows.
    pub(crate) fn presence(&mut self, presence: &OnlineUsers) -> Option<Command> {
        if self.presence == *presence {
            return None;
        }
        self.presence = presence.clone();
        self.push(Event::Presence(presence.clone()))
    }

    /// What holds in the room. The core knows nothing while it is being joined: that is no change.
    pub(crate) fn settings(&mut self, settings: Option<&RoomSettings>) -> Option<Command> {
        let settings = settings.filter(|settings| self.settings.as_ref() != Some(settings))?;
        self.settings = Some(settings.clone());
        self.push(Event::Settings(settings.clone()))
    }

    /// Queues an event. What has no place in the log is told anew by the next join, where the queue
    /// is full.
    fn push(&mut self, event: Event) -> Option<Command> {
        let position = event.position().cloned();
        let next = position.as_ref().filter(|_| self.has_skipped);
        if self.is_paused || next.is_some_and(|next| !self.say_skipped(next)) {
            return None;
        }
        match self.queue.try_send(event) {
            Ok(()) | Err(TrySendError::Closed(_)) => {
                self.position = position.or(self.position.take());
                None
            }
            Err(TrySendError::Full(_)) => self.pause(),
        }
    }

    /// Says, before the event at this place, that those before it were skipped. False while there is
    /// no room for both.
    fn say_skipped(&mut self, next: &Position) -> bool {
        if self.queue.capacity() < 2 {
            return false;
        }
        let position = Position {
            epoch: next.epoch.clone(),
            seq: Seq(next.seq.0.saturating_sub(1)),
        };
        self.has_skipped = false;
        self.queue.try_send(Event::Reset { position }).is_ok()
    }

    /// The queue is full. The announcements cannot be left: what comes until there is room again is
    /// skipped, and the next event is one that says so.
    fn pause(&mut self) -> Option<Command> {
        if self.room.is_broadcast() {
            self.has_skipped = true;
            return None;
        }
        self.is_paused = true;
        (self.presence, self.settings) = (OnlineUsers::default(), None);
        self.paused.set();
        let room = self.room.clone();
        Some(Command::CloseRoom { room })
    }

    /// Whether the reader has emptied the queue by now, and did not see that the room was left.
    pub(crate) fn is_drained_unseen(&self) -> bool {
        self.is_paused && self.queue.capacity() == self.queue.max_capacity() && self.paused.take()
    }

    /// The queue is empty: the room is joined again, where it was left.
    pub(crate) fn resume(&mut self) -> Option<Command> {
        if !std::mem::take(&mut self.is_paused) {
            return None;
        }
        let start = self.position.clone().map_or(Start::Now, Start::After);
        let room = self.room.clone();
        let from = JoinFrom::from(start);
        Some(Command::OpenRoomFrom { room, from })
    }
}

#[cfg(test)]
mod tests;
