//! A view is a copy of a part of the log, without gap or repeat.

use super::Step;
use super::told::LastTold;
use crate::log::Log;
use crate::peer::{ANNOUNCEMENTS_MAX, MESSAGES_MAX};
use common::ServerFrame;
use common::client::{RoomPart, RoomView};
use common::event::MessagePosted;
use common::ids::{Epoch, RequestId, Seq, UserId};
use common::reply::Joined;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What was found right in a view, so that only what has changed need be looked at.
#[derive(Default)]
pub(crate) struct Seen {
    epoch: Option<Epoch>,
    last: Seq,
    /// Where the view began when it was last loaded, if that is known.
    begin: Option<Seq>,
    messages: Vec<Arc<MessagePosted>>,
    /// Messages that came with a page of history: up to where the page had folded the log in.
    ahead: BTreeMap<Seq, Seq>,
    /// What others said behind this is unread, if that is known.
    pub(super) read: Option<Seq>,
    /// How far this client's user has said to have read.
    pub(super) marked: Seq,
    pub(super) pending: Vec<(RequestId, bool)>,
    pub(super) told: LastTold,
}

impl Seen {
    pub(super) fn check(
        &mut self,
        step: &Step<'_>,
        view: &RoomView<'_>,
        me: &UserId,
        is_new: bool,
    ) {
        let is_changed = is_new || step.told.has_changed(view.name(), RoomPart::Timeline);
        self.hear(step, view);
        if let Some((epoch, last)) = view.log_position() {
            let log = step.lives.life_of(epoch).log(view.name());
            let same = self.epoch.as_ref() == Some(epoch) && self.last == last;
            if !same || !self.is_as_it_was(view) {
                assert!(is_changed, "{} has changed in silence", view.name());
                self.compare(view, log, epoch, last);
            }
        } else {
            assert_eq!(view.messages().len(), 0, "messages of no log");
        }
        self.check_marker(step, view, me);
    }

    fn is_as_it_was(&self, view: &RoomView<'_>) -> bool {
        let mut pairs = view.messages().zip(&self.messages);
        view.messages().len() == self.messages.len() && pairs.all(|(a, b)| Arc::ptr_eq(a, b))
    }

    /// What the client was told, it goes by.
    fn hear(&mut self, step: &Step<'_>, view: &RoomView<'_>) {
        match step.heard {
            Some(ServerFrame::Joined(joined)) if joined.room == *view.name() => self.joined(joined),
            Some(ServerFrame::Ack(ack)) => {
                let page = ack.page.iter().filter(|page| page.room == *view.name());
                for page in page.filter(|page| self.epoch.as_ref() == Some(&page.epoch)) {
                    let messages = page.messages.iter().map(|message| message.seq);
                    self.ahead.extend(messages.map(|seq| (seq, page.head)));
                }
            }
            Some(ServerFrame::Read(read)) if read.room == *view.name() => {
                self.read = self.read.map(|seen| seen.max(read.seq));
            }
            _ => {}
        }
    }

    fn joined(&mut self, joined: &Joined) {
        let same = self.epoch.as_ref() == Some(&joined.epoch) && joined.head >= self.last;
        let continued = same && joined.complete && joined.after <= self.last;
        if !continued {
            self.begin = Some(joined.after);
            self.messages.clear();
            self.ahead.clear();
        }
        let read = joined.read.map(|read| read.min(joined.head));
        if same {
            self.read = self.read.map(|seen| seen.max(read.unwrap_or_default()));
        } else {
            self.read = Some(read.unwrap_or(joined.head));
            self.marked = Seq::ZERO;
        }
    }

    /// Holds what is new, or may have changed, against the log.
    fn compare(&mut self, view: &RoomView<'_>, log: &Log, epoch: &Epoch, last: Seq) {
        let room = view.name();
        assert!(last <= log.head(), "{room} is ahead of its log");
        if self.epoch.as_ref() != Some(epoch) {
            self.messages.clear();
            self.ahead.clear();
            self.epoch = Some(epoch.clone());
            self.last = last;
        }
        let events = (self.last.0 + 1..=last.0).map(Seq);
        let mut dirty: BTreeSet<Seq> = events
            .filter_map(|seq| log.event(seq)?.what.target())
            .collect();
        let reached = self.ahead.extract_if(.., |_, head| *head <= last);
        dirty.extend(reached.map(|(seq, _)| seq));
        let mut before: BTreeMap<Seq, Arc<MessagePosted>> = std::mem::take(&mut self.messages)
            .into_iter()
            .map(|message| (message.seq, message))
            .collect();
        let mut previous = None;
        for message in view.messages() {
            let seq = message.seq;
            assert!(
                previous < Some(seq),
                "{seq} came after {previous:?} in {room}"
            );
            previous = Some(seq);
            let known = before.remove(&seq);
            let known = known.is_some_and(|known| Arc::ptr_eq(&known, message));
            if !known || dirty.contains(&seq) || self.ahead.contains_key(&seq) {
                let head = self.ahead.get(&seq).copied();
                copy_of(log, message, last, head.unwrap_or(last));
            }
            self.messages.push(Arc::clone(message));
        }
        self.last = last;
        self.is_whole(view, log);
    }

    /// Nothing is missing between the first and the last, nor before the first, unless it was
    /// dropped for want of room.
    fn is_whole(&self, view: &RoomView<'_>, log: &Log) {
        let (room, held) = (view.name(), self.messages.len());
        if let Some(first) = self.messages.first() {
            let due = log.count_messages(first.seq.back(1), self.last);
            assert_eq!(held, due, "a gap in {room} before {}", self.last);
        }
        let max = match room.is_broadcast() {
            true => ANNOUNCEMENTS_MAX,
            false => MESSAGES_MAX,
        };
        if let Some(begin) = self.begin.filter(|begin| *begin <= self.last) {
            let due = log.count_messages(begin, self.last).min(max);
            assert!(held >= due, "{held} of {due} messages in {room}");
        }
    }

    /// Markers move forward only, and what is unread is counted from them.
    fn check_marker(&mut self, step: &Step<'_>, view: &RoomView<'_>, me: &UserId) {
        if step.marked == Some(view.name()) && self.epoch.is_some() {
            self.read = self.read.map(|seen| seen.max(self.last));
            self.marked = self.marked.max(self.last);
        }
        let Some(read) = self.read else {
            return;
        };
        let unread = self.messages.iter().rev().take_while(|m| m.seq > read);
        let unread = unread.filter(|m| m.user != *me).count();
        assert_eq!(
            view.unread(),
            unread,
            "unread in {} behind {read}",
            view.name()
        );
    }
}

/// The message is what the log up to `last` makes of it; or, where it came with a page of history,
/// what the log up to somewhere before `head` does; or it is erased, because later the log says so.
fn copy_of(log: &Log, message: &MessagePosted, last: Seq, head: Seq) {
    let seq = message.seq;
    let due = log.state(seq, last);
    let due = due.unwrap_or_else(|| panic!("the log up to {last} has no message at {seq}"));
    if message == due.as_ref() {
        return;
    }
    let erased = message.deleted && message.content.is_none() && log.is_erased(seq);
    let ahead = head > last && log.state(seq, head).map(AsRef::as_ref) == Some(message);
    assert!(
        erased || ahead,
        "not what the log up to {last} has: {message:?} for {due:?}"
    );
}
