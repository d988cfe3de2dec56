//! Joining a room and staying joined.

use super::backoff::after_refusal;
use super::input::Millis;
use crate::error::ErrorFrame;

/// How a room stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoomStatus {
    /// Not joined at the moment; the core is at it. The messages shown are those known so far.
    Joining,
    /// Joined: what happens shows at once.
    Live,
    /// The server will not let this client in. `OpenRoom` tries again, and so does the next
    /// connection.
    Refused(ErrorFrame),
}

/// How this connection stands to one room. At most one join is unanswered at any time, so a
/// `joined` frame, which carries no `id`, can only be its answer.
#[derive(Debug, Clone)]
pub(super) struct JoinState {
    state: RoomStatus,
    /// A join is on its way.
    asked: bool,
    /// The next join is sent no sooner.
    due: Millis,
    /// Refusals in a row that may be repeated.
    tries: u32,
    /// When the two sides were last found to be out of step.
    repaired: Option<Millis>,
    /// The join under way, or due, is to bring them back in step.
    repairing: bool,
    /// The server has put us out, for good as far as this client is concerned: only the user goes
    /// back in.
    removed: bool,
}

/// A server that always leaves gaps, or always puts us out, is asked again this often
/// (milliseconds).
const REPAIR_EVERY_MS: u64 = 10_000;

impl JoinState {
    pub(super) fn new() -> Self {
        Self {
            state: RoomStatus::Joining,
            asked: false,
            due: Millis::default(),
            tries: 0,
            repaired: None,
            repairing: false,
            removed: false,
        }
    }

    pub(super) fn state(&self) -> &RoomStatus {
        &self.state
    }

    pub(super) fn is_joining(&self) -> bool {
        self.state == RoomStatus::Joining
    }

    pub(super) fn is_live(&self) -> bool {
        self.state == RoomStatus::Live
    }

    /// A join is on its way, unanswered.
    pub(super) fn is_asked(&self) -> bool {
        self.asked
    }

    /// When the next join is due, if one is.
    pub(super) fn due(&self) -> Option<Millis> {
        (self.is_joining() && !self.asked).then_some(self.due)
    }

    pub(super) fn asked(&mut self) {
        self.asked = true;
    }

    /// The join was carried out. Says whether it was a repair, or `None` if nothing was asked.
    pub(super) fn joined(&mut self) -> Option<bool> {
        if !self.asked {
            return None;
        }
        self.asked = false;
        self.tries = 0;
        self.state = RoomStatus::Live;
        Some(std::mem::take(&mut self.repairing))
    }

    /// The join was refused.
    pub(super) fn refused(&mut self, error: ErrorFrame, now: Millis) {
        self.asked = false;
        if error.retryable {
            self.due = now.plus(after_refusal(self.tries, error.retry_after_ms));
            self.tries = self.tries.saturating_add(1);
        } else {
            self.state = RoomStatus::Refused(error);
        }
    }

    /// The server and we are out of step, by a gap in the events or because it has put us out:
    /// join again, from where things were last right. Does nothing while a join is due anyway.
    pub(super) fn repair(&mut self, now: Millis) {
        if !self.is_live() {
            return;
        }
        self.state = RoomStatus::Joining;
        self.repairing = true;
        self.due = self
            .repaired
            .map_or(now, |at| now.max(at.plus(REPAIR_EVERY_MS)));
        self.repaired = Some(self.due);
    }

    /// The cursor is to be moved: join again at once.
    pub(super) fn rejoin(&mut self) {
        self.state = RoomStatus::Joining;
        self.due = Millis::default();
    }

    /// The server has removed the user from the room, and said why. The client does not rejoin by itself.
    pub(super) fn removed(&mut self, why: ErrorFrame) {
        self.asked = false;
        self.removed = true;
        self.state = RoomStatus::Refused(why);
    }

    /// The connection is gone: what was refused on it may be possible on the next.
    pub(super) fn disconnected(&mut self) {
        match self.removed {
            true => self.asked = false,
            false => self.start_over(),
        }
    }

    /// The connection is gone, or the user wants another try: what was refused may be possible now.
    pub(super) fn start_over(&mut self) {
        self.removed = false;
        self.state = RoomStatus::Joining;
        self.asked = false;
        self.due = Millis::default();
        self.tries = 0;
    }
}
