//! Why the user cannot write in a room.

use super::room_text::until_text;
use common::room::{RoomAction, RoomSettings};
use common::time::Timestamp;

/// Why the reader may not write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WriteBlock {
    /// Nobody may any more.
    Archived,
    /// Only those may who look after the room.
    Locked,
    /// The reader may not.
    Muted {
        /// Until when; for good where there is none.
        until: Option<Timestamp>,
    },
    /// The reader may only read.
    ReadOnly,
}

impl WriteBlock {
    /// What keeps the reader from writing, if anything does. A mute that has run out keeps nobody:
    /// the server says nothing when its time has come.
    #[must_use]
    pub fn of(settings: &RoomSettings, now: Timestamp) -> Option<Self> {
        let is_known = !settings.may.is_empty();
        let until = settings.muted.as_ref().map(|muted| muted.until);
        if settings.archived {
            Some(Self::Archived)
        } else if let Some(until) = until {
            let holds = until.is_none_or(|until| until > now);
            holds.then_some(Self::Muted { until })
        } else if settings.locked && !settings.may(RoomAction::BypassRestrictions) {
            Some(Self::Locked)
        } else if is_known && !settings.may(RoomAction::Post) {
            Some(Self::ReadOnly)
        } else {
            None
        }
    }

    /// The stable key.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Archived => "archived",
            Self::Locked => "locked",
            Self::Muted { .. } => "muted",
            Self::ReadOnly => "read-only",
        }
    }

    /// The words in the place of the field.
    #[must_use]
    pub fn words(self, now: Timestamp) -> String {
        match self {
            Self::Archived => {
                "This room is archived. You can read it, but nobody can write.".to_owned()
            }
            Self::Locked => {
                "This room is locked: only moderators and owners can write for now.".to_owned()
            }
            Self::Muted { until: None } => {
                "You are muted in this room. A moderator can lift the mute.".to_owned()
            }
            Self::Muted { until } => {
                format!("You are muted in this room {}.", until_text(until, now))
            }
            Self::ReadOnly => "You can read here, but not write.".to_owned(),
        }
    }

    /// Whether it ends by itself.
    #[must_use]
    pub fn ends(self) -> bool {
        matches!(self, Self::Muted { until: Some(_) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use common::room::Muted;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn what_keeps_one_from_writing_is_told_and_a_mute_that_has_run_out_keeps_nobody() {
        let plain = || RoomSettings::default_for("a".parse().unwrap());
        let muted = |until: Option<u64>| Muted {
            until: until.map(Timestamp),
        };
        let now = Timestamp(1000);
        let mut silent = plain();
        silent.may.retain(|one| *one != RoomAction::Post);
        let mut locked = RoomSettings {
            locked: true,
            ..silent.clone()
        };
        assert_eq!(WriteBlock::of(&locked, now), Some(WriteBlock::Locked));
        locked.may = vec![RoomAction::Post, RoomAction::BypassRestrictions];
        for (settings, expected) in [
            (plain(), None),
            (locked, None),
            (
                RoomSettings {
                    archived: true,
                    muted: Some(muted(None)),
                    ..silent.clone()
                },
                Some(WriteBlock::Archived),
            ),
            (
                RoomSettings {
                    muted: Some(muted(None)),
                    ..silent.clone()
                },
                Some(WriteBlock::Muted { until: None }),
            ),
            (
                RoomSettings {
                    muted: Some(muted(Some(1001))),
                    ..silent.clone()
                },
                Some(WriteBlock::Muted {
                    until: Some(Timestamp(1001)),
                }),
            ),
            (
                RoomSettings {
                    muted: Some(muted(Some(1000))),
                    ..silent.clone()
                },
                None,
            ),
            (silent, Some(WriteBlock::ReadOnly)),
        ] {
            assert_eq!(WriteBlock::of(&settings, now), expected, "{settings:?}");
        }
    }
}
