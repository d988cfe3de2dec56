//! What a client leaves behind: its stored outbox, which outlives it, and what it was seen to show.

use common::client::{Client, OutboxEntry};
use common::event::MessagePosted;
use common::ids::{RequestId, Seq};
use common::text::{Content, RoomName};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::Instant;

/// One user's storage and the book kept about it. It outlives the client as a browser's storage
/// outlives a tab.
#[derive(Debug, Default)]
pub(crate) struct Profile {
    /// Which user of the run.
    pub(crate) writer: u32,
    /// The stored outbox, and the number of the message in each entry.
    stored: BTreeMap<RequestId, (OutboxEntry, u32)>,
    /// Every message that was taken in, by number: where it goes.
    pub(crate) sent: Vec<RoomName>,
    /// The numbers of those that the core has said are on the server's disk.
    pub(crate) acked: Vec<u32>,
    /// Sends the server refused for good, and commands the core did not take.
    pub(crate) refused: u32,
    /// What each life of the client showed.
    pub(crate) sittings: Vec<Sitting>,
}

/// What one life of the client showed.
#[derive(Debug, Default)]
pub(crate) struct Sitting {
    pub(crate) rooms: BTreeMap<RoomName, Shown>,
    /// The first one, which was there before anything was written.
    pub(crate) from_start: bool,
    /// Since when it has not been live, having been so before.
    pub(crate) away_since: Option<Instant>,
    pub(crate) was_live: bool,
    pub(crate) longest_away: Duration,
}

/// The messages that a room's view has shown, in the order in which they came to be there.
#[derive(Debug, Default)]
pub(crate) struct Shown {
    pub(crate) lines: Vec<Line>,
    /// How often the view went back behind what it had shown.
    pub(crate) rewound: u32,
}

/// One message, of a log or of a view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) seq: u64,
    pub(crate) writer: u32,
    pub(crate) number: u32,
}

/// The text of a user's message with this number.
pub(crate) fn words(writer: u32, number: u32) -> Option<Content> {
    format!("{writer}:{number}: what one says in a room")
        .parse()
        .ok()
}

impl Line {
    /// Reads a message; one that is not of this run has a number that none of this run has.
    pub(crate) fn of(message: &MessagePosted) -> Self {
        let text = message.content.as_ref().map(Content::as_str);
        let mut numbers = text.unwrap_or_default().split(':').map(str::parse);
        let mut number = || numbers.next().and_then(Result::ok).unwrap_or(u32::MAX);
        Self {
            seq: message.seq.0,
            writer: number(),
            number: number(),
        }
    }
}

impl Profile {
    pub(crate) fn new(writer: u32) -> Self {
        Self {
            writer,
            ..Self::default()
        }
    }

    /// What a new client of this user begins with.
    pub(super) fn entries(&self) -> Vec<OutboxEntry> {
        let entries = self.stored.values();
        entries.map(|(entry, _)| entry.clone()).collect()
    }

    /// The number that the next message gets.
    pub(super) fn next_number(&self) -> u32 {
        u32::try_from(self.sent.len()).unwrap_or(u32::MAX)
    }

    /// Stores an entry. One whose id is not stored yet is the next message.
    pub(super) fn put(&mut self, entry: OutboxEntry) {
        let number = match self.stored.get(&entry.id) {
            Some((_, number)) => *number,
            None => {
                self.sent.push(entry.room.clone());
                self.next_number() - 1
            }
        };
        if entry.refused.is_some() {
            self.refused += 1;
        }
        self.stored.insert(entry.id.clone(), (entry, number));
    }

    pub(super) fn remove(&mut self, id: &RequestId) {
        if let Some((_, number)) = self.stored.remove(id) {
            self.acked.push(number);
        }
    }

    /// The life under way.
    pub(super) fn sitting(&mut self) -> Option<&mut Sitting> {
        self.sittings.last_mut()
    }

    /// Whether the life under way shows this room up to there.
    pub(crate) fn shows(&self, room: &RoomName, head: Seq) -> bool {
        let shown = self.sittings.last().and_then(|last| last.rooms.get(room));
        let last = shown.and_then(|shown| shown.lines.last());
        last.map_or(0, |line| line.seq) == head.0
    }
}

impl Sitting {
    /// Writes down what is new in a room's view.
    pub(super) fn look(&mut self, client: &Client, room: &RoomName) {
        let Some(view) = client.room(room) else {
            return;
        };
        let shown = self.rooms.entry(room.clone()).or_default();
        let last = shown.lines.last().map_or(0, |line| line.seq);
        if view
            .messages()
            .next_back()
            .is_some_and(|message| message.seq.0 < last)
        {
            shown.rewound += 1;
        }
        let known = shown.lines.len();
        let new = view
            .messages()
            .rev()
            .take_while(|message| message.seq.0 > last);
        shown.lines.extend(new.map(|message| Line::of(message)));
        if let Some(new) = shown.lines.get_mut(known..) {
            new.reverse();
        }
    }

    /// Writes down whether the client is live.
    pub(super) fn live(&mut self, live: bool, now: Instant) {
        if live {
            self.was_live = true;
            if let Some(since) = self.away_since.take() {
                self.longest_away = self.longest_away.max(now - since);
            }
        } else if self.was_live {
            self.away_since.get_or_insert(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use common::time::Timestamp;

    #[test]
    fn a_message_is_known_again_by_its_words() {
        let message = |content: &str| MessagePosted {
            room: "r".parse().unwrap(),
            seq: Seq(9),
            from: "n".parse().unwrap(),
            user: "u".parse().unwrap(),
            id: None,
            content: content.parse().ok(),
            data: None,
            timestamp: Timestamp(0),
            deleted: false,
            edited_at: None,
            reactions: vec![],
        };
        let line = Line::of(&message(words(3, 7).unwrap().as_str()));
        assert_eq!((line.seq, line.writer, line.number), (9, 3, 7));
        assert_eq!(Line::of(&message("hello")).writer, u32::MAX);
    }
}
