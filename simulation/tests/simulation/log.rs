//! One room's log as a server has it, and every state that its messages were ever in.

use common::event::{
    BroadcastPosted, MessageDeleted, MessageEdited, MessagePosted, MessageReacted, Reaction,
};
use common::ids::{RequestId, Seq, UserId};
use common::text::{Content, Emoji, RoomName};
use common::time::Timestamp;
use common::user::User;
use common::{ErrorCode, ServerFrame};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// When the event at a place was taken.
pub(crate) type Clock = fn(Seq) -> Timestamp;

#[derive(Clone)]
pub(crate) struct Log {
    room: RoomName,
    clock: Clock,
    /// By seq, the first of which is 1.
    events: Vec<Arc<Event>>,
    /// What deletions have erased.
    erased: BTreeSet<Seq>,
    /// Retention has dropped everything up to here.
    pub(crate) floor: Seq,
    /// Of each event that is a message: its states, each with the event that brought it about.
    states: Vec<Vec<(Seq, Arc<MessagePosted>)>>,
    /// Messages up to and with each event.
    ranks: Vec<usize>,
    /// The last word of each user on each reaction to each message.
    words: BTreeMap<(Seq, UserId, Emoji), (Seq, bool)>,
}

pub(crate) struct Event {
    pub(crate) user: User,
    pub(crate) id: Option<RequestId>,
    pub(crate) what: What,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum What {
    Message(Content),
    Edit(Seq, Content),
    Delete(Seq),
    React(Seq, Emoji, bool),
}

impl What {
    pub(crate) fn target(&self) -> Option<Seq> {
        match self {
            Self::Message(_) => None,
            Self::Edit(target, _) | Self::Delete(target) | Self::React(target, ..) => Some(*target),
        }
    }
}

/// What the log says to an event that wants to be in it.
enum Decision {
    Take,
    /// It says what the log says already, at this place.
    Said(Seq),
    Refuse(ErrorCode),
}

pub(crate) fn index(seq: Seq) -> usize {
    usize::try_from(seq.0).unwrap() - 1
}

fn place(count: usize) -> Seq {
    Seq(u64::try_from(count).unwrap())
}

impl Log {
    pub(crate) fn new(room: RoomName, clock: Clock) -> Self {
        Self {
            room,
            clock,
            events: vec![],
            erased: BTreeSet::new(),
            floor: Seq::ZERO,
            states: vec![],
            ranks: vec![],
            words: BTreeMap::new(),
        }
    }

    pub(crate) fn head(&self) -> Seq {
        place(self.events.len())
    }

    pub(crate) fn event(&self, seq: Seq) -> Option<&Event> {
        let at = seq.0.checked_sub(1)?;
        Some(self.events.get(usize::try_from(at).unwrap())?.as_ref())
    }

    pub(crate) fn events(&self) -> impl Iterator<Item = (Seq, &Event)> {
        let places = (1..).map(Seq);
        places.zip(self.events.iter().map(AsRef::as_ref))
    }

    /// Messages after `from`, up to and with `to`.
    pub(crate) fn count_messages(&self, from: Seq, to: Seq) -> usize {
        let rank = |seq: Seq| match seq {
            Seq::ZERO => 0,
            seq => self.ranks[index(seq)],
        };
        rank(to).saturating_sub(rank(from))
    }

    /// The message as the log up to `at` makes it.
    pub(crate) fn state(&self, seq: Seq, at: Seq) -> Option<&Arc<MessagePosted>> {
        let states = self.states.get(index(seq))?;
        let count = states.partition_point(|(since, _)| *since <= at);
        Some(&states.get(count.checked_sub(1)?)?.1)
    }

    pub(crate) fn is_erased(&self, seq: Seq) -> bool {
        self.erased.contains(&seq)
    }

    /// The messages with a place in `(floor, before)`, the newest `limit` of them, and whether
    /// there are more.
    pub(crate) fn page(&self, before: Option<Seq>, limit: usize) -> (Vec<Seq>, bool) {
        let end = before.unwrap_or(Seq(u64::MAX)).min(self.head().next());
        let mut found: Vec<Seq> = (self.floor.0 + 1..end.0)
            .rev()
            .map(Seq)
            .filter(|seq| !self.states[index(*seq)].is_empty())
            .take(limit + 1)
            .collect();
        let more = found.len() > limit;
        found.truncate(limit);
        found.reverse();
        (found, more)
    }

    /// Where it is now, and whether it was said before.
    pub(crate) fn append(&mut self, event: Event) -> Result<(Seq, bool), ErrorCode> {
        match self.judge(&event) {
            Decision::Take => {}
            Decision::Said(seq) => return Ok((seq, true)),
            Decision::Refuse(code) => return Err(code),
        }
        let seq = self.head().next();
        let is_message = event.what.target().is_none();
        self.ranks
            .push(self.ranks.last().copied().unwrap_or_default() + usize::from(is_message));
        self.states.push(vec![]);
        self.note(seq, &event);
        self.events.push(Arc::new(event));
        Ok((seq, false))
    }

    fn judge(&self, event: &Event) -> Decision {
        let Some(target) = event.what.target() else {
            return Decision::Take;
        };
        let found = self.event(target).filter(|known| {
            let is_message = matches!(known.what, What::Message(_));
            is_message && target > self.floor && !self.is_erased(target)
        });
        let Some(message) = found else {
            return Decision::Refuse(ErrorCode::NoSuchMessage);
        };
        let What::React(_, emoji, on) = &event.what else {
            return match message.user.id == event.user.id {
                true => Decision::Take,
                false => Decision::Refuse(ErrorCode::Forbidden),
            };
        };
        let word = (target, event.user.id.clone(), emoji.clone());
        match self.words.get(&word) {
            Some((seq, now)) if now == on => Decision::Said(*seq),
            None if !on => Decision::Refuse(ErrorCode::NoSuchMessage),
            _ => Decision::Take,
        }
    }

    /// Makes the new state of what the event is about.
    fn note(&mut self, seq: Seq, event: &Event) {
        let Some(target) = event.what.target() else {
            let posted = self.posted(seq, event, false);
            return self.states[index(seq)].push((seq, Arc::new(posted)));
        };
        if let What::React(_, emoji, on) = &event.what {
            let word = (target, event.user.id.clone(), emoji.clone());
            self.words.insert(word, (seq, *on));
        }
        if matches!(event.what, What::Delete(_)) {
            let edits = self.events().filter(
                |(_, known)| matches!(known.what, What::Edit(edited, _) if edited == target),
            );
            let erased: Vec<Seq> = edits.map(|(edit, _)| edit).chain([target]).collect();
            self.erased.extend(erased);
        }
        let states = &mut self.states[index(target)];
        let (_, last) = states.last().expect("a message has a state");
        let mut state = MessagePosted::clone(last);
        change(&mut state, (self.clock)(seq), event);
        states.push((seq, Arc::new(state)));
    }

    fn posted(&self, seq: Seq, event: &Event, erased: bool) -> MessagePosted {
        let What::Message(content) = &event.what else {
            panic!("{seq} is no message")
        };
        MessagePosted {
            room: self.room.clone(),
            seq,
            from: event.user.name.clone(),
            user: event.user.id.clone(),
            id: event.id.clone(),
            content: (!erased).then(|| content.clone()),
            data: None,
            timestamp: (self.clock)(seq),
            deleted: erased,
            edited_at: None,
            reactions: vec![],
        }
    }

    /// The event as a connection is told of it now: without what was erased.
    pub(crate) fn frame(&self, seq: Seq) -> ServerFrame {
        let event = self.event(seq).expect("it is in the log");
        let (room, id, erased) = (self.room.clone(), event.id.clone(), self.is_erased(seq));
        let (from, user) = (event.user.name.clone(), event.user.id.clone());
        let timestamp = (self.clock)(seq);
        match event.what.clone() {
            What::Message(content) if room.is_broadcast() => {
                ServerFrame::Broadcast(BroadcastPosted {
                    seq,
                    from,
                    user,
                    id,
                    content: Some(content),
                    data: None,
                    timestamp,
                })
            }
            What::Message(_) => ServerFrame::Message(self.posted(seq, event, erased)),
            What::Edit(target, content) => ServerFrame::Edited(MessageEdited {
                room,
                seq,
                target,
                from,
                user,
                id,
                content: Some(content).filter(|_| !erased),
                data: None,
                timestamp,
            }),
            What::Delete(target) => ServerFrame::Deleted(MessageDeleted {
                room,
                seq,
                target,
                from,
                user,
                id,
                timestamp,
            }),
            What::React(target, emoji, on) => ServerFrame::Reacted(MessageReacted {
                room,
                seq,
                target,
                from,
                user,
                id,
                emoji,
                on,
                timestamp,
            }),
        }
    }
}

/// Folds an event into the message it changes. Not the code that the client uses: the two are held
/// against each other.
fn change(message: &mut MessagePosted, at: Timestamp, event: &Event) {
    match &event.what {
        What::Message(_) => {}
        What::Edit(_, content) => {
            message.content = Some(content.clone());
            message.edited_at = Some(at);
        }
        What::Delete(_) => {
            message.content = None;
            message.deleted = true;
            message.edited_at = None;
            message.reactions.clear();
        }
        What::React(_, emoji, on) => {
            let at = message.reactions.iter().position(|r| r.emoji == *emoji);
            let user = event.user.id.clone();
            match (at, on) {
                (Some(at), true) => message.reactions[at].users.push(user),
                (None, true) => message.reactions.push(Reaction {
                    emoji: emoji.clone(),
                    users: vec![user],
                }),
                (Some(at), false) => {
                    message.reactions[at].users.retain(|other| *other != user);
                    if message.reactions[at].users.is_empty() {
                        message.reactions.remove(at);
                    }
                }
                (None, false) => panic!("nothing to take away"),
            }
        }
    }
}
