//! How a timeline stands, beside its rows.

use common::client::{RoomPart, RoomStatus, RoomView};

/// How a timeline stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TimelineStatus {
    /// The room is not joined yet, or not joined again.
    pub is_joining: bool,
    /// There are messages before the first one in view.
    pub has_older: bool,
    /// Some of those are on their way.
    pub is_loading_older: bool,
    /// Messages of others that the reader has not seen.
    pub unread: usize,
    /// Messages of the reader's own that are not in the log yet.
    pub pending: usize,
}

impl TimelineStatus {
    /// The parts of a room that it depends on.
    pub const PARTS: &[RoomPart] = &[
        RoomPart::Status,
        RoomPart::Timeline,
        RoomPart::Pending,
        RoomPart::ReadMarker,
    ];

    /// Before anything is known.
    pub const UNKNOWN: Self = Self {
        is_joining: true,
        has_older: false,
        is_loading_older: false,
        unread: 0,
        pending: 0,
    };

    /// How this room's timeline stands.
    #[must_use]
    pub fn of(view: RoomView<'_>) -> Self {
        Self {
            is_joining: matches!(view.state(), RoomStatus::Joining),
            has_older: view.has_older(),
            is_loading_older: view.is_loading_older(),
            unread: view.unread(),
            pending: view.pending().len(),
        }
    }
}
