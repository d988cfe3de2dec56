//! What was promised, held against what is there: every book of the run, and each room's log.

use crate::native::{Line, Profile};
use common::text::RoomName;
use std::collections::{BTreeMap, BTreeSet};

/// A room's log, read whole at the end.
pub(crate) type Logs = BTreeMap<RoomName, Vec<Line>>;

/// The sums, and the first few faults in words.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Verification {
    /// Messages that clients took in.
    pub(crate) sent: usize,
    /// Those of them that clients were told are stored.
    pub(crate) acked: usize,
    /// Messages in the logs.
    pub(crate) stored: usize,
    /// Messages that views showed, all views together.
    pub(crate) shown: usize,
    /// Sent and not in the log, or in the log and missing from a view.
    pub(crate) lost: usize,
    /// More than once in a log or in a view.
    pub(crate) doubled: usize,
    /// Out of their author's order in a log, or out of the log's order in a view.
    pub(crate) reordered: usize,
    /// In a log or view, though nobody sent it there.
    pub(crate) foreign: usize,
    /// Refused for good, or not taken.
    pub(crate) refused: usize,
    /// What is wrong, at most [`WORDS_MAX`] of it.
    pub(crate) words: Vec<String>,
}

/// Faults that are told one by one.
const WORDS_MAX: usize = 20;

impl Verification {
    /// Judges a run in which everything has come to rest.
    pub(crate) fn of<'a>(logs: &Logs, profiles: impl IntoIterator<Item = &'a Profile>) -> Self {
        let mut verification = Self::default();
        let mut places: BTreeMap<(u32, u32), &RoomName> = BTreeMap::new();
        for (room, log) in logs {
            verification.log(room, log, &mut places);
        }
        for profile in profiles {
            verification.book(profile, &places);
            for (life, sitting) in profile.sittings.iter().enumerate() {
                let is_last = life + 1 == profile.sittings.len();
                for (room, log) in logs {
                    let Some(shown) = sitting.rooms.get(room) else {
                        continue;
                    };
                    let who = format!("{room}: the view of {} (life {life})", profile.writer);
                    verification.reordered += usize::try_from(shown.rewound).unwrap_or(usize::MAX);
                    verification.view(&who, &shown.lines, log, sitting.from_start, is_last);
                }
            }
        }
        verification
    }

    /// Whether every promise was kept.
    pub(crate) fn is_sound(&self) -> bool {
        self.lost + self.doubled + self.reordered + self.foreign + self.refused == 0
    }

    fn say(&mut self, words: impl FnOnce() -> String) {
        if self.words.len() < WORDS_MAX {
            self.words.push(words());
        }
    }

    /// A log: seqs without a gap, each message once, each author's in the order of writing.
    fn log<'a>(
        &mut self,
        room: &'a RoomName,
        log: &[Line],
        places: &mut BTreeMap<(u32, u32), &'a RoomName>,
    ) {
        self.stored += log.len();
        let mut newest: BTreeMap<u32, u32> = BTreeMap::new();
        for (line, expected) in log.iter().zip(1..) {
            if line.seq != expected {
                self.reordered += 1;
                self.say(|| format!("{room}: {line:?} stands at place {expected}"));
            }
            if places.insert((line.writer, line.number), room).is_some() {
                self.doubled += 1;
                self.say(|| format!("{room}: {line:?} is stored twice"));
            } else if let Some(before) = newest.insert(line.writer, line.number)
                && before > line.number
            {
                self.reordered += 1;
                self.say(|| format!("{room}: {line:?} stands behind its author's {before}"));
            }
        }
    }

    /// A user's book: what was sent is stored, in its room; what was acked was sent.
    fn book(&mut self, profile: &Profile, places: &BTreeMap<(u32, u32), &RoomName>) {
        let writer = profile.writer;
        self.sent += profile.sent.len();
        self.acked += profile.acked.len();
        self.refused += usize::try_from(profile.refused).unwrap_or(usize::MAX);
        let acked: BTreeSet<u32> = profile.acked.iter().copied().collect();
        for (room, number) in profile.sent.iter().zip(0..) {
            if places.get(&(writer, number)) != Some(&room) {
                self.lost += 1;
                let was = if acked.contains(&number) {
                    "acked"
                } else {
                    "sent, not acked"
                };
                self.say(|| format!("{room}: {writer}:{number} ({was}) is not in the log"));
            }
        }
        let written = places.range((writer, 0)..=(writer, u32::MAX)).count();
        self.foreign += written.saturating_sub(profile.sent.len());
    }

    /// A view: a part of the log, whole and in its order; the last life's reaches the log's end.
    fn view(&mut self, who: &str, view: &[Line], log: &[Line], from_start: bool, to_end: bool) {
        self.shown += view.len();
        let mut next = match (from_start, view.first()) {
            (true, _) => 1,
            (false, Some(first)) => first.seq,
            (false, None) => return,
        };
        for line in view {
            if line.seq < next {
                self.doubled += 1;
                self.say(|| format!("{who}: {line:?} came again, or late"));
                continue;
            }
            if line.seq > next {
                self.lost += usize::try_from(line.seq - next).unwrap_or(usize::MAX);
                self.say(|| format!("{who}: {next} to {} are missing", line.seq - 1));
            }
            next = line.seq + 1;
            let environment = usize::try_from(line.seq).unwrap_or(usize::MAX);
            if log.get(environment.wrapping_sub(1)) != Some(line) {
                self.foreign += 1;
                self.say(|| format!("{who}: {line:?} is not what the log says"));
            }
        }
        let end = log.last().map_or(0, |line| line.seq) + 1;
        if to_end && next < end {
            self.lost += usize::try_from(end - next).unwrap_or(usize::MAX);
            self.say(|| format!("{who}: ends before {next}, the log at {}", end - 1));
        }
    }
}

#[cfg(test)]
mod tests;
