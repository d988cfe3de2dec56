//! Namespaces: what is stored for which rooms, and for how long.

use crate::config::NamespaceConfig;
use crate::store::Retention;
use common::text::RoomName;
use common::time::Timestamp;
use std::time::Duration;

/// The rules, in order; the first that fits a room holds for it.
#[derive(Debug, Clone, Default)]
pub struct Namespaces(Vec<Namespace>);

/// A rule for some rooms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Namespace {
    /// Which rooms: a name, or a beginning of names with `*` behind it.
    pub rooms: String,
    /// Whether events are stored. Where not, the log lives in memory and ends with the node.
    pub durable: bool,
    /// Events older than this are dropped; none keeps them for ever.
    pub keep_age: Option<Duration>,
    /// Events beyond this many are dropped; none keeps them all.
    pub keep_count: Option<u64>,
}

/// What holds for rooms that no rule fits.
static DURABLE: Namespace = Namespace {
    rooms: String::new(),
    durable: true,
    keep_age: None,
    keep_count: None,
};

impl From<&NamespaceConfig> for Namespace {
    fn from(config: &NamespaceConfig) -> Self {
        Self {
            rooms: config.rooms.clone(),
            durable: config.durable,
            keep_age: (!config.keep_age.is_zero()).then_some(config.keep_age),
            keep_count: (config.keep_count > 0).then_some(config.keep_count),
        }
    }
}

impl Namespaces {
    /// These rules.
    #[must_use]
    pub fn new(rules: Vec<Namespace>) -> Self {
        Self(rules)
    }

    /// Whether no rule drops anything.
    #[must_use]
    pub fn keep_all(&self) -> bool {
        self.0
            .iter()
            .all(|rule| rule.keep_age.is_none() && rule.keep_count.is_none())
    }

    /// The rule for a room. The built-in room is always durable.
    #[must_use]
    pub fn of(&self, room: &RoomName) -> &Namespace {
        if room.is_broadcast() {
            return &DURABLE;
        }
        self.0
            .iter()
            .find(|rule| rule.fits(room))
            .unwrap_or(&DURABLE)
    }
}

impl Namespace {
    fn fits(&self, room: &RoomName) -> bool {
        match self.rooms.strip_suffix('*') {
            Some(beginning) => room.as_str().starts_with(beginning),
            None => room.as_str() == self.rooms,
        }
    }

    /// What is kept of the room's log at this time; none where all is.
    #[must_use]
    pub fn retention(&self, now: Timestamp) -> Option<Retention> {
        let age_ms = self
            .keep_age
            .map(|age| u64::try_from(age.as_millis()).unwrap_or(u64::MAX));
        let keep = Retention {
            before: age_ms.map(|ms| Timestamp(now.0.saturating_sub(ms))),
            events_max: self.keep_count,
        };
        (keep.before.is_some() || keep.events_max.is_some()).then_some(keep)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_rule_that_fits_holds() {
        let rule = |rooms: &str, durable| Namespace {
            rooms: rooms.into(),
            durable,
            keep_age: None,
            keep_count: None,
        };
        let namespaces = Namespaces::new(vec![rule("live:log", true), rule("live:*", false)]);
        for (room, durable) in [
            ("general", true),
            ("live:match", false),
            ("live:", false),
            ("live:log", true),
            ("live:log2", false),
            ("alive:x", true),
            ("$broadcast", true),
        ] {
            assert_eq!(
                namespaces.of(&room.parse().unwrap()).durable,
                durable,
                "{room}"
            );
        }
        assert!(
            Namespaces::new(vec![rule("*", false)])
                .of(&RoomName::broadcast())
                .durable
        );
    }

    #[test]
    fn retention_counts_back_from_now() {
        let rule = |age, count| Namespace {
            keep_age: age,
            keep_count: count,
            ..DURABLE.clone()
        };
        let now = Timestamp(100_000);
        assert_eq!(rule(None, None).retention(now), None);
        let minute = Some(Duration::from_secs(60));
        let keep = rule(minute, Some(7)).retention(now).unwrap();
        assert_eq!(
            keep,
            Retention {
                before: Some(Timestamp(40_000)),
                events_max: Some(7)
            }
        );
    }
}
