//! One room in the client core: join state, timeline, presence, settings.

use super::config::Config;
use super::input::{JoinFrom, Millis};
use super::join_state::JoinState;
use super::online_users::OnlineUsers;
use super::read_marker::ReadMarker;
use super::timeline::{Bounds, JoinOutcome, Timeline};
use crate::command::{Join, ReadHistory};
use crate::ids::{RequestId, Seq};
use crate::reply::{HistoryPage, Joined};
use crate::room::{RoomAction, RoomSettings};
use crate::text::RoomName;

#[derive(Debug, Clone)]
pub(super) struct Room {
    /// The user has it open. A room that is not stays joined until its outbox is empty.
    pub(super) open: bool,
    pub(super) join_state: JoinState,
    pub(super) timeline: Timeline,
    pub(super) presence: OnlineUsers,
    pub(super) marker: ReadMarker,
    /// What the server last said holds here; where it said nothing, what holds everywhere.
    pub(super) settings: Option<Box<RoomSettings>>,
    older: Older,
    join_last: u64,
    /// The log is to be read from its first event on, once it is known which log that is.
    from_start: bool,
    /// Where to read from next: the answer to a join that asked for another place is still to come.
    reopen_from: Option<JoinFrom>,
}

/// Older messages that the reader wants.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Older {
    No,
    /// To be asked for as soon as the room is joined.
    Wanted,
    Asked {
        id: RequestId,
        before: Seq,
    },
}

impl Room {
    pub(super) fn new(config: &Config) -> Self {
        let bounds = Bounds {
            live: config.messages_max,
            scrolled: config.messages_scrolled_max,
        };
        Self::with(bounds, config.join_last)
    }

    /// The built-in room, which is always open.
    pub(super) fn announcements(config: &Config) -> Self {
        let bounds = Bounds {
            live: config.announcements_max,
            scrolled: config.messages_scrolled_max,
        };
        Self {
            open: true,
            ..Self::with(bounds, config.announcements_last)
        }
    }

    fn with(bounds: Bounds, join_last: u64) -> Self {
        Self {
            open: false,
            join_state: JoinState::new(),
            timeline: Timeline::new(bounds),
            presence: OnlineUsers::nobody(),
            marker: ReadMarker::default(),
            settings: None,
            older: Older::No,
            join_last,
            from_start: false,
            reopen_from: None,
        }
    }

    /// Reads the log from another place. Says whether the room is to be left first.
    pub(super) fn open_from(&mut self, from: JoinFrom) -> bool {
        if self.join_state.is_asked() {
            self.reopen_from = Some(from);
            return false;
        }
        self.set_cursor(from);
        let is_live = self.join_state.is_live();
        if is_live {
            self.join_state.rejoin();
        }
        is_live
    }

    fn set_cursor(&mut self, from: JoinFrom) {
        self.older = Older::No;
        self.from_start = from == JoinFrom::Start;
        let cursor = match from {
            JoinFrom::Newest(count) => {
                self.join_last = count;
                None
            }
            JoinFrom::Start => None,
            JoinFrom::After { epoch, seq } => Some((epoch, seq)),
        };
        self.timeline.set_cursor(cursor);
    }

    /// The answer to a join has come. If another place is wanted by now, the room is read from there:
    /// says whether, and then it is to be left and joined again.
    pub(super) fn reopen(&mut self) -> bool {
        let Some(from) = self.reopen_from.take() else {
            return false;
        };
        self.join_state.joined();
        self.open_from(from)
    }

    /// Whether the user may do it here, as far as is known.
    pub(super) fn may(&self, action: RoomAction) -> bool {
        self.settings
            .as_ref()
            .is_some_and(|settings| settings.may(action))
    }

    /// The user has seen all there is. Says whether that is anything new.
    pub(super) fn mark_seen(&mut self) -> bool {
        self.marker.mark(self.timeline.last())
    }

    /// When the server is to be told how far the user has read, if it can be and need be.
    pub(super) fn marker_due(&self) -> Option<Millis> {
        self.marker.due().filter(|_| self.join_state.is_live())
    }

    /// Asks for what follows on what is held; or, where that is nothing or cannot be had, for the
    /// newest events, at most `last_max` of them.
    pub(super) fn join(&mut self, id: RequestId, room: RoomName, last_max: u64) -> Join {
        if let Some(from) = self.reopen_from.take() {
            self.set_cursor(from);
        }
        let epoch = self.timeline.epoch().cloned();
        let since = (epoch.is_some() || self.from_start).then(|| self.timeline.last());
        Join {
            id: Some(id),
            room,
            last: Some(self.join_last.min(last_max)),
            since,
            epoch,
        }
    }

    /// Takes in the answer to the join. `None` if none was sent.
    pub(super) fn joined(&mut self, joined: &Joined) -> Option<JoinOutcome> {
        let repair = self.join_state.joined()?;
        // Where anything holds, it is said behind this.
        self.settings = None;
        let outcome = self.timeline.joined(joined, repair);
        self.marker.joined(joined, outcome == JoinOutcome::NewLog);
        if outcome != JoinOutcome::Continued {
            self.older = Older::No;
        }
        Some(outcome)
    }

    /// The connection is gone. What is shown stays.
    pub(super) fn disconnected(&mut self) {
        self.join_state.disconnected();
        self.marker.disconnected();
        if self.is_loading_older() {
            self.older = Older::Wanted;
        }
    }

    pub(super) fn is_loading_older(&self) -> bool {
        self.older != Older::No
    }

    /// The reader wants older messages. Says whether that is anything new.
    pub(super) fn want_older(&mut self) -> bool {
        let new = self.timeline.has_older() && !self.is_loading_older();
        if new {
            self.older = Older::Wanted;
        }
        new
    }

    pub(super) fn wants_older(&self) -> bool {
        self.older == Older::Wanted
    }

    pub(super) fn ask_older(&mut self, id: RequestId, room: RoomName) -> ReadHistory {
        let before = self.timeline.first();
        self.timeline.expect_older();
        self.older = Older::Asked {
            id: id.clone(),
            before,
        };
        ReadHistory {
            id: Some(id),
            room,
            before: Some(before),
            after: None,
            limit: None,
        }
    }

    /// Takes in the answer to [`ask_older`](Self::ask_older): a page, or nothing where it was
    /// refused; then the reader may ask again. Says whether the page is now part of the timeline.
    pub(super) fn answer_older(&mut self, answered: &RequestId, page: Option<HistoryPage>) -> bool {
        let before = match &self.older {
            Older::Asked { id, before } if id == answered => *before,
            _ => return false,
        };
        self.older = Older::No;
        page.is_some_and(|page| self.timeline.prepend(page, before))
    }
}
