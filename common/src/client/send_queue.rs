//! The sends of one room, strictly in order, one at a time.
//!
//! Only one is in flight: were there two, and the first refused for the moment ("too fast"), the
//! second would overtake it. A send that is refused for good does not hold up the next ones. The
//! fault is its own (too long, say), and it may stay on the screen for days until its author
//! decides; what was written after it is not to wait for that.

use super::backoff::after_refusal;
use super::effect::RoomPart;
use super::input::Millis;
use super::outbox_action::OutboxAction;
use super::pending_send::{OutboxEntry, PendingSend, SendState};
use crate::error::{ErrorCode, ErrorFrame};
use crate::frame::ClientFrame;
use crate::ids::{Epoch, RequestId, Seq};
use std::collections::VecDeque;

#[derive(Debug, Clone, Default)]
pub(super) struct SendQueue {
    sends: VecDeque<PendingSend>,
    in_flight: Option<RequestId>,
    /// The next one goes no sooner.
    due: Millis,
    /// Refusals in a row that may be repeated.
    tries: u32,
}

impl SendQueue {
    pub(super) fn sends(&self) -> &VecDeque<PendingSend> {
        &self.sends
    }

    pub(super) fn is_empty(&self) -> bool {
        self.sends.is_empty()
    }

    pub(super) fn holds(&self, id: &RequestId) -> bool {
        self.sends.iter().any(|send| send.entry.id == *id)
    }

    /// Sends that are neither stored nor refused.
    pub(super) fn unsent(&self) -> impl Iterator<Item = &PendingSend> {
        let unsent =
            |send: &&PendingSend| matches!(send.state, SendState::Waiting | SendState::InFlight);
        self.sends.iter().filter(unsent)
    }

    pub(super) fn is_busy(&self) -> bool {
        self.unsent().next().is_some()
    }

    /// When the next one is due, if there is one and none is in flight.
    pub(super) fn due(&self) -> Option<Millis> {
        (self.in_flight.is_none() && self.is_busy()).then_some(self.due)
    }

    /// One that an earlier client has left. It may have been sent.
    pub(super) fn restore(&mut self, entry: OutboxEntry) {
        let state = entry
            .refused
            .clone()
            .map_or(SendState::Waiting, SendState::Refused);
        self.sends.push_back(PendingSend {
            maybe_sent: true,
            ..PendingSend::new(entry, state)
        });
    }

    pub(super) fn push(&mut self, entry: OutboxEntry) {
        self.sends
            .push_back(PendingSend::new(entry, SendState::Waiting));
    }

    /// The next frame to send. The caller has looked at [`due`](Self::due).
    pub(super) fn send_next(&mut self) -> Option<(RequestId, ClientFrame)> {
        let send = self
            .sends
            .iter_mut()
            .find(|send| send.state == SendState::Waiting)?;
        send.state = SendState::InFlight;
        send.maybe_sent = true;
        let entry = &send.entry;
        let frame = entry.action.frame(entry.id.clone(), entry.room.clone());
        self.in_flight = Some(entry.id.clone());
        Some((entry.id.clone(), frame))
    }

    /// Takes out a reaction that `action` would only take back, if the server cannot have it.
    pub(super) fn take_reversed(&mut self, action: &OutboxAction) -> Option<RequestId> {
        let at = self.sends.iter().position(|send| {
            let unseen = send.state == SendState::Waiting && !send.maybe_sent;
            unseen && action.reverses(&send.entry.action)
        })?;
        Some(self.sends.remove(at)?.entry.id)
    }

    /// The server has stored this one. It stays for a view to show until its event is folded in.
    pub(super) fn stored(&mut self, id: &RequestId, seq: Option<Seq>) -> bool {
        self.clear_in_flight(id);
        let Some(send) = self.find(id) else {
            return false;
        };
        send.state = SendState::Stored { seq };
        true
    }

    /// Its event is in the timeline: it is shown there now. Says whether it was here, and whether
    /// that is the first word of its having been stored.
    pub(super) fn confirmed(&mut self, id: &RequestId) -> Option<bool> {
        self.clear_in_flight(id);
        let send = self.remove(id)?;
        Some(!matches!(send.state, SendState::Stored { .. }))
    }

    /// Forgets what is stored and no longer needs to be shown from here.
    pub(super) fn complete(&mut self, is_visible: impl Fn(&OutboxAction, Option<Seq>) -> bool) {
        self.sends.retain(|send| match send.state {
            SendState::Stored { seq } => !is_visible(&send.entry.action, seq),
            _ => true,
        });
    }

    /// What was stored before the room was joined has its place at or before the head there.
    pub(super) fn stored_by(&mut self, head: Seq) {
        for send in &mut self.sends {
            if send.state == (SendState::Stored { seq: None }) {
                send.state = SendState::Stored { seq: Some(head) };
            }
        }
    }

    /// The server was not able to take it this time: the queue waits and sends it again.
    ///
    /// Unless its event is here already: after a cut it was sent again, stored the first time, and
    /// the replay told so before this refusal came. The next one is in flight then.
    pub(super) fn postpone(&mut self, id: &RequestId, now: Millis, asked_ms: Option<u64>) {
        if self.in_flight.as_ref() != Some(id) {
            return;
        }
        self.in_flight = None;
        self.due = now.plus(after_refusal(self.tries, asked_ms));
        self.tries = self.tries.saturating_add(1);
        if let Some(send) = self.find(id) {
            send.state = SendState::Waiting;
        }
        self.drop_removed_elsewhere();
    }

    /// The server will not have it. What to store of it from now on, if anything.
    pub(super) fn refused(&mut self, id: &RequestId, error: ErrorFrame) -> Option<OutboxEntry> {
        self.clear_in_flight(id);
        let send = self.find(id)?;
        if send.removed_elsewhere {
            self.remove(id);
            return None;
        }
        send.stored_again = true;
        send.entry.refused = Some(error.clone());
        send.state = SendState::Refused(error);
        Some(send.entry.clone())
    }

    /// The room is closed to us, so nothing that waits for it can be sent. The first that waits,
    /// refused; `None` when none is left.
    pub(super) fn refuse_next(&mut self, error: &ErrorFrame) -> Option<OutboxEntry> {
        let id = self.unsent().next()?.entry.id.clone();
        self.refused(&id, error.clone())
    }

    /// The first waiting change of a message that is in another log than this, or of one beyond
    /// `head`, refused: there, its seq means another message, or will.
    pub(super) fn refuse_stale_target(&mut self, epoch: &Epoch, head: Seq) -> Option<OutboxEntry> {
        let stale = self.sends.iter().find(|send| {
            let target = send.entry.action.target();
            let is_stale = |(log, seq)| log != epoch || seq > head;
            send.state == SendState::Waiting && target.is_some_and(is_stale)
        })?;
        let (id, room) = (stale.entry.id.clone(), stale.entry.room.clone());
        let why = "the room's log began anew, and that message is no longer in it";
        let error = ErrorFrame::new(ErrorCode::NoSuchMessage, why).about(room);
        self.refused(&id, error.answering(Some(id.clone())))
    }

    /// The user wants a refused one sent once more: it goes to the end, as if written now.
    pub(super) fn retry(&mut self, id: &RequestId, order: u64) -> Option<OutboxEntry> {
        let is_refused = matches!(self.find(id)?.state, SendState::Refused(_));
        let mut send = is_refused.then(|| self.remove(id))??;
        send.stored_again = true;
        send.entry.order = order;
        send.entry.refused = None;
        send.state = SendState::Waiting;
        let entry = send.entry.clone();
        self.sends.push_back(send);
        Some(entry)
    }

    /// The user does not want it sent any more. Not while it is in flight. Says whether it is gone.
    pub(super) fn discard(&mut self, id: &RequestId) -> bool {
        let is_here = self
            .find(id)
            .is_some_and(|send| matches!(send.state, SendState::Waiting | SendState::Refused(_)));
        is_here && self.remove(id).is_some()
    }

    /// Whether the storage was given it more than once.
    pub(super) fn is_stored_again(&self, id: &RequestId) -> bool {
        let mut sends = self.sends.iter();
        sends.any(|send| send.entry.id == *id && send.stored_again)
    }

    /// Another tab has discarded it, or heard that it is stored. Says whether it is gone.
    ///
    /// One in flight is waited for: its answer tells which. If none comes, or one that would have
    /// it sent again, it is gone too.
    pub(super) fn remove_elsewhere(&mut self, id: &RequestId) -> bool {
        if let Some(send) = self.find(id) {
            send.removed_elsewhere = true;
        }
        self.discard(id)
    }

    fn drop_removed_elsewhere(&mut self) {
        self.sends
            .retain(|send| !(send.removed_elsewhere && send.state == SendState::Waiting));
    }

    /// The answer to what was in flight will not come: it is sent again on the next connection.
    pub(super) fn disconnected(&mut self) {
        self.in_flight = None;
        self.due = Millis::default();
        self.tries = 0;
        for send in &mut self.sends {
            if send.state == SendState::InFlight {
                send.state = SendState::Waiting;
            }
        }
        self.drop_removed_elsewhere();
    }

    fn clear_in_flight(&mut self, id: &RequestId) {
        if self.in_flight.as_ref() == Some(id) {
            self.in_flight = None;
            self.tries = 0;
        }
    }

    /// The part of the room's view that shows this send.
    pub(super) fn part_of(&self, id: &RequestId) -> RoomPart {
        let send = self.sends.iter().find(|send| send.entry.id == *id);
        match send.is_some_and(|send| send.entry.action.is_message()) {
            true => RoomPart::Pending,
            false => RoomPart::Timeline,
        }
    }

    fn find(&mut self, id: &RequestId) -> Option<&mut PendingSend> {
        self.sends.iter_mut().find(|send| send.entry.id == *id)
    }

    fn remove(&mut self, id: &RequestId) -> Option<PendingSend> {
        let at = self.sends.iter().position(|send| send.entry.id == *id)?;
        self.sends.remove(at)
    }
}
