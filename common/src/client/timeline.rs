//! A contiguous part of a room's log, as far as this client holds it.

use super::insertion_sort::sort;
use super::room_event::RoomEvent;
use crate::event::MessagePosted;
use crate::ids::{Epoch, Seq};
use crate::reply::{HistoryPage, Joined};
use std::collections::VecDeque;
use std::sync::Arc;

/// Messages by seq, without gap or repeat, from some place in the log up to `last`.
///
/// Not every seq need have a message: an event of a kind this client does not know has its place
/// too, and shows nothing.
#[derive(Debug, Clone)]
pub(super) struct Timeline {
    epoch: Option<Epoch>,
    messages: VecDeque<Arc<MessagePosted>>,
    /// Everything up to here has been folded in.
    last: Seq,
    /// Up to here, what the server leaves out is not there: it replayed its log at our request.
    repaired_to: Seq,
    /// The log goes on before the oldest message held.
    has_more: bool,
    bounds: Bounds,
    /// Grows as the reader scrolls back.
    messages_max: usize,
    /// While an older page is on its way: changes to messages that are not held. The page may have
    /// been read before they were made.
    changes_during_load: Option<Vec<RoomEvent>>,
    /// Pages of history that are ahead of `last`.
    pages: Vec<Page>,
}

/// Older messages that came with everything folded in up to `head`.
#[derive(Debug, Clone, Copy)]
struct Page {
    from: Seq,
    before: Seq,
    head: Seq,
}

impl Page {
    fn has_folded(&self, change: Seq, target: Seq) -> bool {
        (self.from..self.before).contains(&target) && change <= self.head
    }
}

/// How many messages to hold.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// When only new ones come.
    pub(super) live: usize,
    /// When the reader loads older ones.
    pub(super) scrolled: usize,
}

/// What became of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FoldOutcome {
    /// It is the next one.
    New,
    /// It was there already.
    Repeat,
    /// Something is missing before it. It is not taken in: a replay will bring it again.
    Gap,
}

/// What a join did to the timeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum JoinOutcome {
    /// It goes on where it was.
    Continued,
    /// It begins anew behind the cursor; the log is the same.
    Reloaded,
    /// It begins anew, and the log is another.
    NewLog,
}

impl Timeline {
    pub(super) fn new(bounds: Bounds) -> Self {
        Self {
            epoch: None,
            messages: VecDeque::new(),
            last: Seq::ZERO,
            repaired_to: Seq::ZERO,
            has_more: false,
            bounds,
            messages_max: bounds.live,
            changes_during_load: None,
            pages: Vec::new(),
        }
    }

    pub(super) fn messages(&self) -> &VecDeque<Arc<MessagePosted>> {
        &self.messages
    }

    /// The message at this place, if it is held.
    pub(super) fn message(&self, seq: Seq) -> Option<&Arc<MessagePosted>> {
        self.messages.get(self.index(seq)?)
    }

    fn index(&self, seq: Seq) -> Option<usize> {
        let found = self
            .messages
            .binary_search_by_key(&seq, |message| message.seq);
        found.ok()
    }

    pub(super) fn epoch(&self) -> Option<&Epoch> {
        self.epoch.as_ref()
    }

    pub(super) fn last(&self) -> Seq {
        self.last
    }

    pub(super) fn has_older(&self) -> bool {
        self.has_more && self.messages.len() < self.bounds.scrolled
    }

    /// The place before which older messages are to be loaded.
    pub(super) fn first(&self) -> Seq {
        self.messages
            .front()
            .map_or(self.last.next(), |message| message.seq)
    }

    /// Takes in the answer to a join. `repair` says that the join was made because of
    /// a gap: then what its replay leaves out is taken not to be there, or the same gap would be
    /// repaired for ever.
    ///
    /// What is held stays only if the events to come continue it. A head below what was seen means
    /// that the log has lost its end; its seqs will be given out again, so it counts as another.
    pub(super) fn joined(&mut self, joined: &Joined, repair: bool) -> JoinOutcome {
        let same = self.epoch.as_ref() == Some(&joined.epoch) && joined.head >= self.last;
        let outcome = match same {
            true if joined.complete && joined.after <= self.last => JoinOutcome::Continued,
            true => JoinOutcome::Reloaded,
            false => JoinOutcome::NewLog,
        };
        if outcome != JoinOutcome::Continued {
            self.begin_after(joined);
        }
        self.repaired_to = if repair { joined.head } else { Seq::ZERO };
        outcome
    }

    fn begin_after(&mut self, joined: &Joined) {
        self.set_cursor(Some((joined.epoch.clone(), joined.after)));
    }

    /// Holds nothing, and goes on behind this seq of this log; with neither, where the next join
    /// says.
    pub(super) fn set_cursor(&mut self, cursor: Option<(Epoch, Seq)>) {
        let (epoch, last) = cursor.unzip();
        self.epoch = epoch;
        self.last = last.unwrap_or_default();
        self.messages.clear();
        self.has_more = self.last > Seq::ZERO;
        self.messages_max = self.bounds.live;
        self.changes_during_load = None;
        self.pages.clear();
    }

    /// Takes in the event at `seq`.
    ///
    /// A page of history may have folded in what comes again here. Its messages wait until the log
    /// has caught up with them: a reaction that came and went twice would move, and flicker.
    pub(super) fn fold(&mut self, seq: Seq, event: RoomEvent) -> FoldOutcome {
        if seq <= self.last {
            return FoldOutcome::Repeat;
        }
        if seq > self.last.next() && seq > self.repaired_to {
            return FoldOutcome::Gap;
        }
        self.last = seq;
        self.pages.retain(|page| page.head >= seq);
        match event {
            RoomEvent::Unknown => {}
            RoomEvent::Message(message) => self.messages.push_back(message),
            change => {
                if !self.change(&change) {
                    self.remember(change);
                }
            }
        }
        FoldOutcome::New
    }

    /// Changes a message. Views that hold the old one keep it as it was. False if it is not held.
    fn change(&mut self, change: &RoomEvent) -> bool {
        let (seq, target) = match change {
            RoomEvent::Unknown | RoomEvent::Message(_) => return true,
            RoomEvent::Edit(edit) => (edit.seq, edit.target),
            RoomEvent::Deletion(deletion) => (deletion.seq, deletion.target),
            RoomEvent::Reaction(reaction) => (reaction.seq, reaction.target),
        };
        if self.pages.iter().any(|page| page.has_folded(seq, target)) {
            return true;
        }
        let at = self.index(target);
        let Some(message) = at.and_then(|at| self.messages.get_mut(at)) else {
            return false;
        };
        let message = Arc::make_mut(message);
        match change {
            RoomEvent::Unknown | RoomEvent::Message(_) => {}
            RoomEvent::Edit(edit) => message.edit(edit),
            RoomEvent::Deletion(_) => message.delete(),
            RoomEvent::Reaction(reaction) => message.react(reaction),
        }
        true
    }

    /// Keeps a change for the page on its way. When there are too many to keep, the page is not
    /// taken in, and the reader asks again.
    fn remember(&mut self, change: RoomEvent) {
        if let Some(meanwhile) = &mut self.changes_during_load {
            meanwhile.push(change);
            if meanwhile.len() > self.bounds.scrolled {
                self.changes_during_load = None;
            }
        }
    }

    /// An older page is asked for.
    pub(super) fn expect_older(&mut self) {
        self.changes_during_load = Some(Vec::new());
    }

    /// Drops the oldest messages over the bound. Not while older ones are on their way: they must
    /// fit on to what is held. Then only the outer bound counts.
    pub(super) fn trim(&mut self, loading_older: bool) {
        let max = if loading_older {
            self.bounds.scrolled
        } else {
            self.messages_max
        };
        while self.messages.len() > max {
            self.messages.pop_front();
            self.has_more = true;
        }
    }

    /// Takes in a page of older messages that was asked for before `before`. Says whether it fits
    /// on to what is held; if not, nothing changes.
    pub(super) fn prepend(&mut self, page: HistoryPage, before: Seq) -> bool {
        let Some(meanwhile) = self.changes_during_load.take() else {
            return false;
        };
        if self.epoch.as_ref() != Some(&page.epoch) || self.first() != before {
            return false;
        }
        let mut messages = page.messages;
        messages.retain(|message| message.seq < before);
        sort(&mut messages, |a, b| a.seq < b.seq);
        messages.dedup_by_key(|message| message.seq);
        if let Some(first) = messages.first() {
            self.pages.push(Page {
                from: first.seq,
                before,
                head: page.head,
            });
        }
        for message in messages.into_iter().rev() {
            self.messages.push_front(Arc::new(message));
        }
        for change in &meanwhile {
            self.change(change);
        }
        self.pages.retain(|page| page.head > self.last);
        self.has_more = page.more;
        self.messages_max = self
            .messages_max
            .max(self.messages.len().min(self.bounds.scrolled));
        true
    }
}

#[cfg(test)]
mod tests;
