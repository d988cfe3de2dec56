//! A client's own sends: each is shown once, until the log shows it.

use super::{Seen, Step};
use common::client::{
    MessageView, OutboxAction, OutboxEntry, PendingSend, RoomPart, RoomView, SendState,
};
use common::event::MessagePosted;
use common::ids::{RequestId, Seq, UserId};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

impl Seen {
    pub(super) fn check_sends(
        &mut self,
        step: &Step<'_>,
        view: &RoomView<'_>,
        me: &UserId,
        holds: &BTreeMap<RequestId, OutboxEntry>,
        is_new: bool,
    ) {
        let is_named = |part| is_new || step.told.has_changed(view.name(), part);
        let sends = view.pending();
        let pending: Vec<_> = sends
            .map(|send| (send.id().clone(), send.refused().is_some()))
            .collect();
        if pending != self.pending {
            assert!(
                is_named(RoomPart::Pending),
                "{} is pending in silence",
                view.name()
            );
        }
        self.pending = pending;
        let in_flight = view.pending();
        let in_flight = in_flight.filter(|send| *send.state() == SendState::InFlight);
        assert!(in_flight.count() <= 1, "two in flight");
        not_in_view(step, view, me);
        in_order(view, holds);
        if is_named(RoomPart::Pending) || is_named(RoomPart::Timeline) {
            is_shown(view, holds);
            for (shown, message) in view.message_views().zip(view.messages()) {
                folded(&shown, message, me);
            }
        }
    }
}

/// What is pending is not shown as stored, and not pending twice.
fn not_in_view(step: &Step<'_>, view: &RoomView<'_>, me: &UserId) {
    let mut ids = BTreeSet::new();
    for send in view.pending() {
        let id = send.id();
        assert!(ids.insert(id), "{id} is pending twice");
        assert!(step.ledger.get(id).is_some(), "nobody ever said {id}");
        let Some((epoch, last)) = view.log_position() else {
            continue;
        };
        let first = view.messages().next().map(|message| message.seq);
        if let Some((room, seq)) = step.lives.life_of(epoch).find(me, id) {
            let in_view = first.is_some_and(|first| (first..=last).contains(&seq));
            let here = room == view.name() && in_view;
            assert!(!here, "{id} is shown twice: pending, and at {seq}");
        }
    }
}

/// What is pending shows in the order in which it will be sent.
fn in_order(view: &RoomView<'_>, holds: &BTreeMap<RequestId, OutboxEntry>) {
    let orders = view.pending().filter_map(|send| holds.get(send.id()));
    let orders = orders.map(|entry| entry.order);
    assert!(orders.is_sorted(), "pending out of order");
}

/// What the storage keeps for this client shows somewhere, or waits to.
fn is_shown(view: &RoomView<'_>, holds: &BTreeMap<RequestId, OutboxEntry>) {
    let mut due = holds
        .iter()
        .filter(|(_, entry)| entry.room == *view.name())
        .peekable();
    if due.peek().is_none() {
        return;
    }
    let pending: BTreeSet<_> = view.pending().map(PendingSend::id).collect();
    let away: BTreeSet<_> = view.refused_changes().map(PendingSend::id).collect();
    for (id, entry) in due {
        let Some((epoch, target)) = entry.action.target() else {
            assert!(pending.contains(id), "{entry:?} is unsent and not shown");
            continue;
        };
        let here = view.log_position().is_some_and(|(log, _)| log == epoch);
        match view.message_view(target).filter(|_| here) {
            Some(shown) => {
                let there = shown.changes.iter().any(|change| change.id() == id);
                assert!(there, "{entry:?} is unsent and not shown with its message");
            }
            None => assert!(
                entry.refused.is_none() || away.contains(id),
                "{entry:?} is refused and not shown"
            ),
        }
    }
}

/// A message is shown as the log has it, and with what is to become of it.
fn folded(shown: &MessageView<'_>, message: &Arc<MessagePosted>, me: &UserId) {
    let changes = shown.changes.iter().filter(|c| c.refused().is_none());
    let changes: Vec<_> = changes.map(|change| change.action()).collect();
    let Some(last) = changes.last() else {
        return assert_eq!(shown.message, *message, "changed by nothing");
    };
    if message.deleted
        || changes
            .iter()
            .any(|c| matches!(c, OutboxAction::Delete { .. }))
    {
        return assert!(shown.message.deleted, "shown in spite of a deletion");
    }
    match last {
        OutboxAction::Edit { content, .. } => assert_eq!(shown.message.content, *content),
        OutboxAction::React { emoji, on, .. } => {
            assert_eq!(
                shown.message.has_reaction(emoji, me),
                *on,
                "at {}",
                seq(message)
            );
        }
        _ => panic!("{last:?} changes nothing"),
    }
}

fn seq(message: &MessagePosted) -> Seq {
    message.seq
}
