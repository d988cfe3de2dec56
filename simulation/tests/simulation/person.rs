//! What the person before a client does.

use crate::peer::Peer;
use crate::rng::Rng;
use common::client::{Command, RoomView};
use common::event::MessagePosted;
use common::ids::{RequestId, Seq};
use common::text::RoomName;
use std::sync::Arc;

pub(crate) const ROOMS: [&str; 3] = ["a", "b", "c"];

const EMOJI: [&str; 3] = ["👍", "🎉", "🤔"];

pub(crate) fn some_room(rng: &mut Rng) -> RoomName {
    rng.one_of(&ROOMS).parse().unwrap()
}

/// What the person may retry or discard in a room: all that is refused there.
pub(crate) fn refused(view: &RoomView<'_>) -> Vec<RequestId> {
    let refused = |send: &&common::client::PendingSend| send.refused().is_some();
    let messages = view.pending().filter(refused);
    let away = view.refused_changes();
    let mut ids: Vec<RequestId> = messages.chain(away).map(|send| send.id().clone()).collect();
    for shown in view.message_views() {
        ids.extend(shown.refused().map(|(send, _)| send.id().clone()));
    }
    ids
}

impl Peer {
    pub(crate) fn next_command(&mut self, rng: &mut Rng) -> Command {
        let room = some_room(rng);
        match rng.below(54) {
            0 => {
                self.open.remove(&room);
                Command::CloseRoom { room }
            }
            1..=3 => {
                self.open.insert(room.clone());
                Command::OpenRoom { room }
            }
            4..=9 => Command::LoadOlder { room },
            10 | 11 => Command::MarkSeen { room },
            12 => Command::MarkSeen {
                room: RoomName::broadcast(),
            },
            13 | 14 => self.announce(),
            15..=19 => self.edit(room, rng),
            20 | 21 => self.delete(room, rng),
            22..=31 => self.react(room, rng),
            32..=34 => self.retry(room, rng),
            35 => self.discard(room, rng),
            _ => self.say(room),
        }
    }

    pub(crate) fn say(&mut self, room: RoomName) -> Command {
        Command::Send {
            room,
            content: Some(self.next_words()),
            data: None,
        }
    }

    pub(crate) fn announce(&mut self) -> Command {
        Command::Broadcast {
            content: Some(self.next_words()),
            data: None,
        }
    }

    /// A message in view, the oldest and the newer ones more often.
    fn some_message(
        &self,
        room: &RoomName,
        rng: &mut Rng,
        fits: impl Fn(&MessagePosted) -> bool,
    ) -> Option<Seq> {
        let view = self.core.room(room)?;
        let fitting: Vec<&Arc<MessagePosted>> = view
            .messages()
            .rev()
            .filter(|message| fits(message))
            .collect();
        let among = 1 + rng.below(fitting.len());
        let at = match rng.below(4) {
            0 => fitting.len().saturating_sub(among.min(5)),
            _ => rng.below(among),
        };
        Some(fitting.get(at)?.seq)
    }

    fn some_own(&self, room: &RoomName, rng: &mut Rng) -> Option<Seq> {
        self.some_message(room, rng, |message| message.user == self.user.id)
    }

    fn edit(&mut self, room: RoomName, rng: &mut Rng) -> Command {
        let Some(target) = self.some_own(&room, rng) else {
            return self.say(room);
        };
        Command::Edit {
            room,
            target,
            content: Some(self.next_words()),
            data: None,
        }
    }

    fn delete(&mut self, room: RoomName, rng: &mut Rng) -> Command {
        match self.some_own(&room, rng) {
            Some(target) => Command::Delete { room, target },
            None => self.say(room),
        }
    }

    /// Clicks on a reaction: it is there from then on, or no longer.
    pub(crate) fn react(&mut self, room: RoomName, rng: &mut Rng) -> Command {
        let Some(target) = self.some_message(&room, rng, |_| true) else {
            return self.say(room);
        };
        let emoji = rng.one_of(&EMOJI).parse().unwrap();
        let shown = self
            .core
            .room(&room)
            .and_then(|view| view.message_view(target));
        let now = shown.is_some_and(|shown| shown.message.has_reaction(&emoji, &self.user.id));
        Command::React {
            room,
            target,
            emoji,
            on: !now,
        }
    }

    fn some_refused(&self, room: &RoomName, rng: &mut Rng) -> Option<RequestId> {
        let ids = refused(&self.core.room(room)?);
        ids.get(rng.below(ids.len())).cloned()
    }

    fn retry(&mut self, room: RoomName, rng: &mut Rng) -> Command {
        match self.some_refused(&room, rng) {
            Some(id) => Command::Retry { id },
            None => self.say(room),
        }
    }

    /// What is refused, or still waits.
    fn discard(&mut self, room: RoomName, rng: &mut Rng) -> Command {
        let waiting = self
            .core
            .room(&room)
            .and_then(|view| Some(view.pending().next_back()?.id().clone()));
        match self.some_refused(&room, rng).or(waiting) {
            Some(id) => Command::Discard { id },
            None => self.say(room),
        }
    }
}
