//! From a room's messages to the lines of its timeline: day lines, the line above what is new,
//! and messages grouped by author.

use super::day::{Calendar, day_label};
use common::client::{PendingSend, SendState};
use common::error::ErrorFrame;
use common::event::MessagePosted;
use common::ids::{RequestId, Seq, UserId};
use common::text::{Content, Data, UserName};
use common::time::Timestamp;
use common::user::User;
use std::sync::Arc;

/// Messages of one author that are further apart than this begin a new group.
const GROUP_GAP_MS: u64 = 5 * 60 * 1000;

/// One line of a timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Row {
    /// A new day.
    Day {
        /// Its name.
        label: String,
    },
    /// What follows came while the reader was elsewhere.
    New,
    /// A message in the room's log.
    Stored {
        /// The message.
        message: Arc<MessagePosted>,
        /// Whether it begins a group: it shows its author.
        lead: bool,
    },
    /// The reader's own message on its way into the log.
    Pending {
        /// The message.
        send: Pending,
        /// As above.
        lead: bool,
    },
}

/// A message of the reader's own that is not in the log yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// By which it is retried or discarded.
    pub id: RequestId,
    /// Who wrote it: the reader.
    pub author: User,
    /// The text.
    pub content: Option<Content>,
    /// The data.
    pub data: Option<Data>,
    /// Why the server will not have it.
    pub refused: Option<ErrorFrame>,
}

impl Pending {
    /// The view of a send of this user's.
    #[must_use]
    pub fn new(send: &PendingSend, author: &User) -> Self {
        Self {
            id: send.id().clone(),
            author: author.clone(),
            content: send.content().cloned(),
            data: send.data().cloned(),
            refused: match send.state() {
                SendState::Refused(error) => Some(error.clone()),
                _ => None,
            },
        }
    }
}

/// What makes a row the same row as before: its drawing is kept as long as its key stays.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum RowKey {
    /// A day line, by its words (“Today” becomes “Yesterday” at midnight).
    Day(String),
    /// The line above what is new.
    New,
    /// A message in the log, and whether it shows its author. What else may become of it changes
    /// inside its row: whoever is at it with keyboard or ear stays there. The time tells the same
    /// seq in two lives of a log apart.
    Stored(Seq, Timestamp, bool),
    /// A pending message, and whether it is refused.
    Pending(RequestId, bool, bool),
}

impl Row {
    /// The row's key.
    #[must_use]
    pub fn key(&self) -> RowKey {
        match self {
            Self::Day { label } => RowKey::Day(label.clone()),
            Self::New => RowKey::New,
            Self::Stored { message, lead } => RowKey::Stored(message.seq, message.timestamp, *lead),
            Self::Pending { send, lead } => {
                RowKey::Pending(send.id.clone(), send.refused.is_some(), *lead)
            }
        }
    }
}

/// What to make rows of.
pub struct Source<'a, M, P> {
    /// The log's messages, in order.
    pub messages: M,
    /// The reader's own messages on their way, in order.
    pub pending: P,
    /// Where the line above what is new stands: before this message.
    pub new_from: Option<Seq>,
    /// The present.
    pub now: Timestamp,
    /// The reader.
    pub me: &'a User,
}

/// The end of the rows so far.
#[derive(Default)]
struct Tail {
    day: Option<i64>,
    author: Option<(UserId, UserName, Timestamp)>,
}

impl Tail {
    /// Whether a message of this author begins a new group, and remembers it.
    fn leads(&mut self, user: &UserId, name: &UserName, at: Timestamp) -> bool {
        let follows = self
            .author
            .as_ref()
            .is_some_and(|(last, last_name, last_at)| {
                last == user && last_name == name && at.0.saturating_sub(last_at.0) <= GROUP_GAP_MS
            });
        self.author = Some((user.clone(), name.clone(), at));
        !follows
    }
}

/// Makes the rows of a timeline.
pub fn rows(
    source: Source<'_, impl Iterator<Item = Arc<MessagePosted>>, impl Iterator<Item = Pending>>,
    calendar: &impl Calendar,
) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut tail = Tail::default();
    let begin_day = |at: Timestamp, rows: &mut Vec<Row>, tail: &mut Tail| {
        let day = calendar.day(at);
        // A server's clock may be set back; the days on the page only go forward.
        if tail.day.is_none_or(|last| last < day) {
            *tail = Tail {
                day: Some(day),
                author: None,
            };
            rows.push(Row::Day {
                label: day_label(at, source.now, calendar),
            });
        }
    };
    for message in source.messages {
        begin_day(message.timestamp, &mut rows, &mut tail);
        if source.new_from == Some(message.seq) {
            tail.author = None;
            rows.push(Row::New);
        }
        let lead = tail.leads(&message.user, &message.from, message.timestamp);
        rows.push(Row::Stored { message, lead });
    }
    for send in source.pending {
        begin_day(source.now, &mut rows, &mut tail);
        let lead = tail.leads(&source.me.id, &source.me.name, source.now);
        rows.push(Row::Pending { send, lead });
    }
    rows
}

/// The first of the newest `unread` messages that others wrote: there the line stands.
#[must_use]
pub fn first_unread<'m>(
    messages: impl DoubleEndedIterator<Item = &'m Arc<MessagePosted>>,
    me: &UserId,
    unread: usize,
) -> Option<Seq> {
    let theirs = messages.rev().filter(|message| message.user != *me);
    theirs.take(unread).last().map(|message| message.seq)
}

#[cfg(test)]
mod tests;
